// The part of the night that is the same every time, so that each state of a transaction is there to be seen: what B
// takes in, what the application sends to A again, and what A does to the same rows. Numbers below 1000 are ours.
import type { Planned } from './plan-outcome.ts';
import { type ShopState, type Transaction, transaction, type Write } from './shop.ts';
import { moveMoney, take } from './workloads.ts';

const ADA = 1;
const BEN = 2;
const CLEO = 3;
const GIFT_CARD = 2;

export function scriptedRows(): Write[] {
  return [
    { table: 'customers', op: 'insert', row: [ADA, 'Ada', 'Harbour Lane 1'] },
    { table: 'customers', op: 'insert', row: [BEN, 'Ben', 'Mill Road 2'] },
    { table: 'customers', op: 'insert', row: [CLEO, 'Cleo', 'High Street 3'] },
    { table: 'products', op: 'insert', row: [1, 'Wrapping paper', 1_000_000] },
    { table: 'products', op: 'insert', row: [GIFT_CARD, 'Gift card', 500] },
    ...[1, 2, 3, 4].map((id): Write => ({ table: 'accounts', op: 'insert', row: [id, 50_000] })),
  ];
}

type Step = (shop: ShopState) => Transaction;

/** B commits all of these. */
export const onFailed: Step[] = [
  (shop) => giftCard(11, ADA, shop),
  (shop) => giftCard(12, BEN, shop),
  (shop) => payment(13, 12, shop),
  (shop) => moves(21, ADA, 'New Quay 10', shop),
  (shop) => moves(22, ADA, 'New Quay 10, second floor', shop),
  (shop) => moveMoney(31, 1, 2, 4_000, shop),
  (shop) => moveMoney(32, 2, 3, 1_500, shop),
  () => bigOrder(41, BEN, 41),
  (shop) => payment(42, 41, shop),
];

/** The application had no answer to these, and sends them to A as they were. */
export const sentAgain: Step[] = [
  (shop) => giftCard(11, ADA, shop),
  (shop) => giftCard(12, BEN, shop),
  (shop) => payment(13, 12, shop),
];

/** A's own, to the same rows: it knows nothing of what B did. */
export const onRestored: Step[] = [
  (shop) => moves(51, ADA, 'Station Square 5', shop),
  (shop) => moveMoney(52, 1, 4, 2_500, shop),
  () => bigOrder(53, CLEO, 41),
];

/** An import that B never commits. */
export const halfDone: Transaction = transaction(99, 'import', [
  { table: 'products', op: 'insert', row: [50, 'Half a delivery', 1] },
  { table: 'products', op: 'insert', row: [51, 'The other half', 1] },
]);

/** An order that was replayed is paid on A: live traffic goes on with what came back. */
export function afterReplay(plan: readonly Planned[], shop: ShopState): Transaction {
  const order = plan.find(
    ({ state, request }) => state === 'missing' && shop.rows('orders').has(String(request)),
  )!;
  return payment(61, order.request, shop);
}

function giftCard(request: number, customer: number, shop: ShopState): Transaction {
  return transaction(request, `gift card ${request}`, [
    { table: 'orders', op: 'insert', row: [request, customer, 'new', 2_500] },
    { table: 'order_items', op: 'insert', row: [request, 1, GIFT_CARD, 1] },
    take(shop.row('products', GIFT_CARD), 1),
  ]);
}

function payment(request: number, order: number, shop: ShopState): Transaction {
  const [id, customer, , cents] = shop.row('orders', order) as [number, number, string, number];
  return transaction(request, `order ${order} is paid`, [
    { table: 'orders', op: 'update', row: [id, customer, 'paid', cents] },
  ]);
}

function moves(request: number, customer: number, address: string, shop: ShopState): Transaction {
  const [id, name] = shop.row('customers', customer) as [number, string];
  return transaction(request, `${name} moves to ${address}`, [
    { table: 'customers', op: 'update', row: [id, name, address] },
  ]);
}

/** Both servers give out the same number. */
function bigOrder(request: number, customer: number, order: number): Transaction {
  return transaction(request, `order ${order} of customer ${customer}`, [
    { table: 'orders', op: 'insert', row: [order, customer, 'new', 99_900] },
    { table: 'order_items', op: 'insert', row: [order, 1, 1, 3] },
  ]);
}
