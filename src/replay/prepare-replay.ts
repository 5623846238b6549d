// Everything a replay needs to know before its first step: the plan's missing transactions as footprints on the
// restored primary's present tables, and what that server remembers of earlier replays. Reads; writes nothing.

import { windowDefinitions } from '../diff/diff-window.ts';
import type { TransactionFootprint } from '../diff/footprint.ts';
import { footprints, wantKeys } from '../diff/footprints.ts';
import { KeyNormaliser } from '../diff/key-normaliser.ts';
import type { WindowForeignKey } from '../diff/window-foreign-keys.ts';
import { readWindowRows, type WindowRows, type WindowTransaction } from '../diff/window-rows.ts';
import { WindowSlots } from '../diff/window-slots.ts';
import type { PlanTransaction } from '../plan/plan.ts';
import type { LoadedPlan } from '../plan/planned-transactions.ts';
import { journalKey } from '../plan/transaction-digest.ts';
import type { TableDefinition } from '../server/catalogue.ts';
import type { RowReader } from '../server/row-reader.ts';
import { type CheckResult, refusal, runChecks } from '../server/safety-checks/run-checks.ts';
import { ConcernedTransactions, type Direction, isConcerned } from './concerned-transactions.ts';
import { type Memory, replayStanding, type Standing, undoStanding, verifyStanding } from './exactly-once.ts';
import { resolutionNotes } from './resolution-notes.ts';
import { stepOrder } from './step-order.ts';
import { unseenMeetings } from './unseen-keys.ts';

export interface PreparedTransaction {
  readonly state: PlanTransaction['state'];
  /** Made anew at every look. */
  readonly window: WindowTransaction;
  readonly footprint: TransactionFootprint;
  readonly standing: Standing;
  /** Journal entries beside the mark: see resolution-notes.ts. */
  readonly notes: readonly string[];
}

export interface PreparedReplay {
  /** The plan's missing transactions in commit order; for an undo turned around, the last one first. */
  transactions: PreparedTransaction[];
  /** For each transaction those that it waits for (see stepOrder()). Made when it is first asked for. */
  readonly order: readonly (readonly number[])[];
  slots: WindowSlots;
  foreignKeys: WindowForeignKey[];
  normaliser: KeyNormaliser;
  /**
   * The same, to be verified by what is remembered now. null: a verification is about other transactions too. Throws as
   * prepareReplay() does.
   */
  toVerify: (memory: Memory) => Promise<PreparedReplay> | null;
  /** Gives the disk's room back, if some was taken. */
  close(): void;
}

const STANDINGS = { replay: replayStanding, undo: undoStanding, verify: verifyStanding };

/** Throws ReconcileError('refused', check 'schema-changed') where a table is not what it was at the diff. */
export async function prepareReplay(
  direction: Direction,
  plan: LoadedPlan,
  reader: RowReader,
  memory: Memory,
  charsetOf: (collationId: number) => string | undefined,
  force: ReadonlySet<string>,
): Promise<PreparedReplay> {
  const concerned = new ConcernedTransactions(plan.transactions, direction);
  // The journal knows a transaction by what the failed primary logged, whatever a policy made of it.
  const keys: string[] = [];
  const keyOf = (i: number) => (): string => {
    keys[i] ??= journalKey(concerned.planned[i]!.source!);
    return keys[i];
  };
  const tables = concerned.tables();
  const definitions = await windowDefinitions(tables, reader);
  checkDefinitions(plan, definitions, force);
  const window = readWindowRows(concerned, definitions, charsetOf, plan.written);
  const normaliser = new KeyNormaliser(reader);
  wantKeys(window, normaliser);
  await normaliser.settle();
  const slots = new WindowSlots(normaliser, {}, window.images);
  const prints = footprints(window, slots, definitions);
  let order: number[][] | null = null;
  const prepared = (way: Direction, remembered: Memory): PreparedReplay => ({
    get order() {
      order ??= stepOrder(prints.transactions, unseenMeetings(window, prints.foreignKeys));
      return order;
    },
    slots,
    normaliser,
    foreignKeys: prints.foreignKeys,
    transactions: concerned.planned.map(({ planned }, i) => {
      const standing = STANDINGS[way](planned, keyOf(i), remembered);
      const notes = planned.source ? resolutionNotes(keyOf(i)(), planned) : NO_NOTES;
      return new Prepared(planned.state, window, i, prints.transactions[i]!, standing, notes);
    }),
    toVerify: (now) => {
      const alike = plan.transactions.every(
        (one) => isConcerned(one, direction) === isConcerned(one, 'verify'),
      );
      if (direction === 'undo' || !alike) return null;
      return windowDefinitions(tables, reader).then((known) => {
        checkDefinitions(plan, known, force);
        return prepared('verify', now);
      });
    },
    close: () => slots.close(),
  });
  return prepared(direction, memory);
}

const NO_NOTES: readonly string[] = [];

/** Holds no more than where its rows are: of a long window most are looked at once. */
class Prepared implements PreparedTransaction {
  readonly state: PlanTransaction['state'];
  readonly footprint: TransactionFootprint;
  readonly standing: Standing;
  readonly notes: readonly string[];
  readonly #window: WindowRows;
  readonly #index: number;

  constructor(
    state: PlanTransaction['state'],
    window: WindowRows,
    index: number,
    footprint: TransactionFootprint,
    standing: Standing,
    notes: readonly string[],
  ) {
    this.state = state;
    this.footprint = footprint;
    this.standing = standing;
    this.notes = notes;
    this.#window = window;
    this.#index = index;
  }

  get window(): WindowTransaction {
    return this.#window.at(this.#index);
  }
}

function checkDefinitions(
  plan: LoadedPlan,
  definitions: ReadonlyMap<string, TableDefinition>,
  force: ReadonlySet<string>,
): void {
  const altered: CheckResult[] = plan.tables.map(({ schema, table, definition }) => {
    const now = definitions.get(`${schema}.${table}`);
    // A table of the plan that no missing transaction touches is not asked for.
    if (!now || now.definitionDigest === definition) return null;
    return refusal(
      'schema-changed',
      `${schema}.${table} was altered on the restored primary since the plan was made`,
      'Run `reconcile diff` again, so that the rows are judged by the table as it is now.',
    );
  });
  runChecks(altered, force);
}
