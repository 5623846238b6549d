// Judges a plan again, as the restored primary is now, under a policy: the plan holds the rows of every transaction, so no
// log is read. Makes the lines of the resolved plan; writes to no server.
import { KeptTransactions } from '../binlog/kept-transactions.ts';
import type { Transaction } from '../binlog/transaction.ts';
import { diffWindow } from '../diff/diff-window.ts';
import { planLines } from '../diff/plan-lines.ts';
import {
  type PlanFacts,
  type PlanHeader,
  type PlanLine,
  type PlanTransaction,
  TRANSACTION_STATES,
} from '../plan/plan.ts';
import type { LoadedPlan, PlannedTransaction } from '../plan/planned-transactions.ts';
import type { Policy } from '../policy/policy.ts';
import { ReconcileError } from '../reconcile-error.ts';
import { loadRecord } from '../record/failover-record.ts';
import { openJournal } from '../replay/journal.ts';
import { refuseWrongFile } from '../replay/undo-file.ts';
import type { ResolveRequest } from '../requests.ts';
import { readCharsets } from '../server/charsets.ts';
import { connectServer, type Server } from '../server/connection.ts';
import { readExecuted } from '../server/coordinates.ts';
import { RowReader } from '../server/row-reader.ts';
import { readCheckedServer } from '../server/safety-checks/checked-server.ts';
import { gtidPredicate } from '../window/gtid-predicate.ts';
import { checkTarget } from './check-target.ts';
import { restoredWitness } from './restored-witness.ts';

/** All lines at once: the header counts what the others hold. */
export async function resolvedLines(
  plan: LoadedPlan,
  policy: Policy,
  request: ResolveRequest,
): Promise<PlanLine[]> {
  refuseWrongFile(request.plan, plan, 'replay');
  if (!request.restored) {
    throw new ReconcileError('usage', 'no restored primary is named', {
      hint: 'Give --restored HOST:PORT, or a failover record.',
    });
  }
  const servers: Server[] = [];
  const kept = new KeptTransactions();
  try {
    const restored = await connectServer(request.restored);
    servers.push(restored);
    const now = await readCheckedServer(restored);
    await checkTarget(plan, now, { ...request, apply: false, failedNamed: false });
    for (const one of plan.transactions) kept.add(logged(one));
    const executed = await readExecuted(restored);
    const isMysql = now.identity.flavor === 'mysql';
    const inExecuted = isMysql && executed !== null ? gtidPredicate(executed) : null;
    request.progress.step(`judging ${kept.length} transactions again on ${restored.name}`);
    const witness = restoredWitness({
      flavor: now.identity.flavor,
      restored,
      journal: await openJournal(restored, plan.header.failed.serverId, request.journal),
      record: request.record === undefined ? null : await loadRecord(request.record),
      request,
      inExecuted,
      // The failed primary may be gone: nothing asks it here.
      failedExecuted: null,
    });
    const reader = new RowReader(restored);
    const diff = await diffWindow(kept, reader, await readCharsets(restored), witness, policy);
    const { header } = plan;
    const facts: PlanFacts = { ...header, executed: inExecuted ?? (() => false) };
    return assemble(plan, [...planLines(diff, facts)]);
  } finally {
    kept.close();
    await Promise.all(servers.map((server) => server.close()));
  }
}

/**
 * The transaction as it was read from the log. What could not be read then is not read now: its other rows stand in
 * the way of what builds on them.
 */
function logged(one: PlannedTransaction): Transaction {
  if (isReadAgain(one)) return one.source!;
  const readable = one.readable();
  const { file, position } = readable.start;
  return {
    ...readable,
    // A getter: a copy lacks it.
    changes: readable.changes,
    undecoded: [{ reason: 'not-read', detail: 'as in the plan', file, position }],
  };
}

function isReadAgain({ state, source }: PlannedTransaction): boolean {
  return source !== null && state !== 'unsupported';
}

/** The new judgement in the old plan's frame: the same window, account and tables. */
function assemble(plan: LoadedPlan, lines: readonly PlanLine[]): PlanLine[] {
  const found: PlanTransaction[] = [];
  let fresh: PlanHeader | null = null;
  for (const line of lines) {
    if (line.type === 'plan') fresh = line;
    if (line.type === 'transaction') found.push(line);
    if (line.type === 'table') {
      const known = plan.tables.find(({ id }) => id === line.id);
      if (known?.definition === line.definition && known.tableMap === line.tableMap) continue;
      throw new ReconcileError(
        'refused',
        `${line.schema}.${line.table} was altered on the restored primary since the plan was made`,
        {
          hint: 'Run `reconcile diff` again, so that the rows are judged by the table as it is now.',
          check: 'schema-changed',
        },
      );
    }
  }
  const transactions = found.map((line, i) =>
    isReadAgain(plan.transactions[i]!) ? line : plan.transactions[i]!.line(),
  );
  const count = (states: Iterable<string>): PlanHeader['transactions'] => {
    const counts = Object.fromEntries(TRANSACTION_STATES.map((state) => [state, 0]));
    for (const state of states) counts[state]! += 1;
    return counts as PlanHeader['transactions'];
  };
  const changes = transactions.flatMap((one) => one.source ?? one.changes);
  const conflicts = new Map<string, number>();
  for (const { name, state } of changes) {
    if (state === 'conflict') conflicts.set(name, (conflicts.get(name) ?? 0) + 1);
  }
  const { header } = plan;
  return [
    {
      ...fresh!,
      warnings: [...new Set(fresh!.warnings)],
      window: header.window,
      transactions: count(transactions.map(({ state }) => state)),
      changes: count(changes.map(({ state }) => state)),
      tables: header.tables.map((one) => ({ ...one, conflict: conflicts.get(one.table) ?? 0 })),
    },
    ...plan.tables,
    ...transactions,
  ];
}
