// Proves the outcome: what B and A acknowledged, from the application's own journal, against the plan and against the
// tables as they are now. Trusts nothing that reconcile says of its success.
import type { SandboxServer } from '../test/sandbox/index.ts';
import type { Application } from './application.ts';
import type { Narrator } from './narrator.ts';
import type { Planned, State } from './plan-outcome.ts';
import { keyOf, type Row, type ShopState, TABLES, type TableName, type Transaction } from './shop.ts';
import { euros } from './workloads.ts';

export interface Night {
  /** The shop at the failover. */
  start: ShopState;
  onFailed: Application;
  /** Its shop has learned what was replayed: that is what A must hold. */
  onRestored: Application;
  plan: Planned[];
  neverCommitted: Transaction;
}

type Tables = Record<TableName, ReadonlyMap<string, Row>>;

const NAMES = Object.keys(TABLES) as TableName[];

/** Says each finding; true where all of them hold. */
export async function prove(night: Night, narrator: Narrator): Promise<boolean> {
  const { start, onFailed, onRestored, plan, neverCommitted } = night;
  const found = await readShop(onRestored.server);
  const expected = onRestored.shop;
  const differing = NAMES.flatMap((table) => differences(table, expected.rows(table), found[table]));
  const differ = new Set(differing);
  const intact = (one: Transaction): boolean =>
    one.writes.every(({ table, row }) => !differ.has(`${table} ${keyOf(table, row)}`));
  const isThere = ({ request }: { request: number }): boolean => found.requests.has(String(request));
  const sent = new Map([...onFailed.acknowledged, ...onFailed.inDoubt].map((one) => [one.request, one]));
  const of = (...states: State[]): Transaction[] =>
    plan.filter(({ state }) => states.includes(state)).map(({ request }) => sent.get(request)!);
  let holds = true;
  const claim = (fact: boolean, text: string): void => {
    narrator.proof(fact, text);
    holds &&= fact;
  };

  const planned = new Set(plan.map(({ request }) => request));
  const inPlan = onFailed.acknowledged.filter(({ request }) => planned.has(request));
  const unanswered = plan.length - inPlan.length;
  const acknowledged = onFailed.acknowledged.length;
  claim(
    inPlan.length === acknowledged,
    `B acknowledged ${acknowledged} transactions: each one is in the plan`,
  );
  claim(
    unanswered === onFailed.inDoubt.filter(({ request }) => planned.has(request)).length,
    `${onFailed.inDoubt.length} had no answer when B died: ${unanswered || 'none'} of them had been committed${unanswered ? ', and in the plan too' : ''}`,
  );
  const replayed = of('missing');
  claim(
    replayed.length > 0 && replayed.every((one) => isThere(one) && intact(one)),
    `${replayed.length} were reported replayed: every row of them is on A`,
  );
  const present = of('present');
  claim(
    present.length > 0 && present.every((one) => isThere(one) && intact(one)),
    `${present.length} had been sent to A again: they are there once`,
  );
  const back = of('conflict', 'held', 'unsupported');
  claim(
    of('conflict').length > 0 && of('held').length > 0 && !back.some(isThere),
    `${back.length} are held back: not one of their rows was written`,
  );
  const onA = onRestored.acknowledged;
  claim(
    onA.every((one) => isThere(one) && intact(one)),
    `A acknowledged ${onA.length} transactions of its own: every row of them is untouched`,
  );
  claim(differing.length === 0, `${rowCount(found)} rows on A, and not one that should not be there`);
  for (const row of differing.slice(0, 10)) narrator.detail(row);
  claim(!isThere(neverCommitted), 'what B had not committed when it died is not on A');
  const [before, now] = [sumOf(start.rows('accounts')), sumOf(found.accounts)];
  claim(before === now, `money on all accounts: ${euros(before)} at the failover, ${euros(now)} now`);
  return holds;
}

async function readShop(server: SandboxServer): Promise<Tables> {
  const tables: [TableName, ReadonlyMap<string, Row>][] = [];
  for (const name of NAMES) {
    const rows = (await server.query(`SELECT * FROM shop.${name}`)).map(
      (row) => Object.values(row) as Row[number][],
    );
    tables.push([name, new Map(rows.map((row) => [keyOf(name, row), row]))]);
  }
  return Object.fromEntries(tables) as Tables;
}

/** `table key` of each row that is not as it should be. */
function differences(
  table: TableName,
  expected: ReadonlyMap<string, Row>,
  found: ReadonlyMap<string, Row>,
): string[] {
  const keys = new Set([...expected.keys(), ...found.keys()]);
  return [...keys]
    .filter((key) => expected.get(key)?.join('\0') !== found.get(key)?.join('\0'))
    .map((key) => `${table} ${key}`);
}

function rowCount(tables: Tables): number {
  return NAMES.reduce((sum, name) => sum + tables[name].size, 0);
}

/** Cents. */
function sumOf(accounts: ReadonlyMap<string, Row>): number {
  return [...accounts.values()].reduce((sum, [, cents]) => sum + Number(cents), 0);
}
