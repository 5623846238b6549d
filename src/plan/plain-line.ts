// Reads what nearly every line of a plan says, in the very form in which a diff writes it: without JSON.parse, which took longer
// than all the rows, and without looking for each name. Whatever looks otherwise in the least is left to who reads any JSON.
import type { PlainScanner } from './plain-scanner.ts';
import { type PlanTransaction, TRANSACTION_STATES } from './plan.ts';
import type { ScannedChange } from './scanned-change.ts';

const HEAD = literals({
  id: '{"type":"transaction","id":"',
  gtid: ',"gtid":',
  state: ',"state":"',
  start: ',"start":{"file":"',
  position: ',"position":',
  end: '},"end":{"file":"',
  committed: '},"committed":',
  executed: ',"executed":',
  changes: ',"changes":',
});
const VALUE = literals({ quote: '"', true: 'true', false: 'false', null: 'null' });
const CHANGE = literals({
  table: '{"table":',
  name: ',"name":',
  op: ',"op":',
  state: ',"state":',
  key: ',"key":',
  flags: ',"flags":',
  before: ',"before":"',
  after: ',"after":"',
  end: '}',
});
const OPS = literals({ insert: '"insert"', update: '"update"', delete: '"delete"' });

/** The head, its list empty, from the line's beginning to where that list starts; null: it looks otherwise. */
export function plainHead(scanner: PlainScanner): PlanTransaction | null {
  scanner.expect(HEAD.id);
  const id = scanner.plainText();
  scanner.expect(HEAD.gtid);
  const gtid = nullOrText(scanner, id);
  scanner.expect(HEAD.state);
  const word = scanner.plainText('missing');
  const state = TRANSACTION_STATES.find((one) => one === word);
  scanner.expect(HEAD.start);
  const start = place(scanner);
  scanner.expect(HEAD.end);
  const end = place(scanner, start.file);
  scanner.expect(HEAD.committed);
  const committed = nullOrText(scanner);
  scanner.expect(HEAD.executed);
  const executed = scanner.take(VALUE.true);
  if (!executed) scanner.expect(VALUE.false);
  scanner.expect(HEAD.changes);
  if (!scanner.isPlain || state === undefined) return null;
  return { type: 'transaction', id, gtid, state, start, end, committed, executed, changes: [] };
}

function nullOrText(scanner: PlainScanner, likely?: string): string | null {
  if (scanner.take(VALUE.null)) return null;
  scanner.expect(VALUE.quote);
  return scanner.plainText(likely);
}

function place(scanner: PlainScanner, likely?: string): { file: string; position: number } {
  const file = scanner.plainText(likely);
  scanner.expect(HEAD.position);
  return { file, position: scanner.plainNumber() };
}

/** Whether it looked as expected; `change` and the scanner's place are worth something only then. */
export function plainChange(scanner: PlainScanner, change: ScannedChange): boolean {
  scanner.isPlain = true;
  scanner.expect(CHANGE.table);
  change.table = scanner.plainNumber();
  scanner.expect(CHANGE.name);
  if (scanner.isPlain) scanner.string();
  scanner.expect(CHANGE.op);
  change.op = scanner.take(OPS.update)
    ? 'update'
    : scanner.take(OPS.insert)
      ? 'insert'
      : scanner.take(OPS.delete)
        ? 'delete'
        : null;
  scanner.expect(CHANGE.state);
  if (scanner.isPlain) scanner.string();
  scanner.expect(CHANGE.key);
  if (!scanner.isPlain || change.op === null) return false;
  scanner.skip();
  scanner.expect(CHANGE.flags);
  change.flags = scanner.plainNumber();
  change.beforeAt = scanner.take(CHANGE.before) ? scanner.at : -1;
  change.beforeEnd = change.beforeAt < 0 ? -1 : scanner.restOfString();
  change.afterAt = scanner.take(CHANGE.after) ? scanner.at : -1;
  change.afterEnd = change.afterAt < 0 ? -1 : scanner.restOfString();
  scanner.expect(CHANGE.end);
  return scanner.isPlain;
}

function literals<Name extends string>(texts: Record<Name, string>): Record<Name, Buffer> {
  return Object.fromEntries(
    Object.entries<string>(texts).map(([name, text]) => [name, Buffer.from(text)]),
  ) as Record<Name, Buffer>;
}
