// What the plan says of each transaction that the application sent, found by the row of `requests` in it. Reads the
// plan file only.
import { readFileSync } from 'node:fs';

export type State = 'missing' | 'present' | 'conflict' | 'held' | 'unsupported';

export interface Planned {
  request: number;
  id: string;
  state: State;
  /** For a person: the kind of conflict, or what it waits for. */
  why: string;
}

interface PlanLine {
  type: string;
  id: string;
  state: State;
  changes: { name: string; key: { id?: number } | null }[];
  conflicts?: { kind: string; table: string; key: Record<string, unknown> | null }[];
  heldBy?: { transaction: string; because: string };
}

/** In the order of their commit on B. Throws where the plan has a transaction that the application never sent. */
export function readPlan(path: string): Planned[] {
  const lines = readFileSync(path, 'utf8').trimEnd().split('\n');
  const transactions = lines
    .map((line) => JSON.parse(line) as PlanLine)
    .filter(({ type }) => type === 'transaction');
  const requests = new Map<string, number>();
  return transactions.map((line) => {
    const request = line.changes.find(({ name }) => name === 'shop.requests')?.key?.id;
    if (request === undefined)
      throw new Error(`The plan's transaction ${line.id} is none of the application's.`);
    requests.set(line.id, request);
    return { request, id: line.id, state: line.state, why: reason(line, requests) };
  });
}

function reason({ conflicts, heldBy }: PlanLine, requests: ReadonlyMap<string, number>): string {
  if (heldBy) return `${heldBy.because.replaceAll('-', ' ')} as number ${requests.get(heldBy.transaction)}`;
  return (conflicts ?? [])
    .map(({ kind, table, key }) => `${kind}, ${table} ${Object.values(key ?? {}).join(' ')}`)
    .join('; ');
}
