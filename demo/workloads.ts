// What customers do all the time: orders over several tables, and money transfers. Each workload keeps to its own
// customers, products, accounts and numbers, so that sessions never wait for each other. The same seed, the same night.
import type { Workload } from './application.ts';
import { type Row, type ShopState, type Transaction, transaction, type Write } from './shop.ts';

/** Of each kind, so many belong to one workload. */
const SHARE = 8;
/** Ids of customers, products and accounts below belong to the scripted part of the night. */
const FIRST = 100;
const NUMBERS = 100_000;

export const WORKLOADS = 6;

/** The rows that the workloads work on. */
export function seedWrites(): Write[] {
  return Array.from({ length: WORKLOADS * SHARE }, (_, i) => FIRST + i).flatMap((id): Write[] => [
    { table: 'customers', op: 'insert', row: [id, `Customer ${id}`, `Main Street ${id}`] },
    { table: 'products', op: 'insert', row: [id, `Product ${id}`, 10_000] },
    { table: 'accounts', op: 'insert', row: [id, 100_000] },
  ]);
}

/** `number` from 0. */
export function customersOf(number: number): Workload {
  const random = randomNumbers(number + 1);
  const pick = (count: number): number => Math.floor(random() * count);
  const own = (index: number): number => FIRST + number * SHARE + (index % SHARE);
  let next = (number + 1) * NUMBERS;
  return (shop) => {
    next += 1;
    const one = pick(SHARE);
    if (pick(2) === 0) return order(next, own(one), own(pick(SHARE)), 1 + pick(3), shop);
    // Another account than the payer's.
    return moveMoney(next, own(one), own(one + 1 + pick(SHARE - 1)), 1 + pick(5_000), shop);
  };
}

function order(
  id: number,
  customer: number,
  product: number,
  quantity: number,
  shop: ShopState,
): Transaction {
  return transaction(id, `order ${id}`, [
    { table: 'orders', op: 'insert', row: [id, customer, 'new', quantity * 1_990] },
    { table: 'order_items', op: 'insert', row: [id, 1, product, quantity] },
    { table: 'order_items', op: 'insert', row: [id, 2, 1, 1] },
    take(shop.row('products', product), quantity),
  ]);
}

export function moveMoney(
  id: number,
  payer: number,
  payee: number,
  cents: number,
  shop: ShopState,
): Transaction {
  const [, from] = shop.row('accounts', payer) as [number, number];
  const [, to] = shop.row('accounts', payee) as [number, number];
  return transaction(id, `${euros(cents)} from account ${payer} to account ${payee}`, [
    { table: 'accounts', op: 'update', row: [payer, from - cents] },
    { table: 'accounts', op: 'update', row: [payee, to + cents] },
    { table: 'transfers', op: 'insert', row: [id, payer, payee, cents] },
  ]);
}

export function take(product: Row, quantity: number): Write {
  const [id, title, stock] = product as [number, string, number];
  return { table: 'products', op: 'update', row: [id, title, stock - quantity] };
}

export function euros(cents: number): string {
  return `€${(cents / 100).toFixed(2)}`;
}

/** mulberry32. */
function randomNumbers(seed: number): () => number {
  let state = seed * 0x9e3779b9;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}
