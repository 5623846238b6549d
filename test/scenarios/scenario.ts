// A scenario: a folder of data. Loads it and refuses one that contradicts itself; plays nothing.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Flavor } from '../sandbox/index.ts';

export const MODES = {
  'mysql-gtid': {
    flavor: 'mysql',
    gtid: true,
    args: ['--gtid-mode=ON', '--enforce-gtid-consistency=ON'],
  },
  'mysql-file-position': {
    flavor: 'mysql',
    gtid: false,
    args: ['--gtid-mode=OFF', '--enforce-gtid-consistency=OFF'],
  },
  'mariadb-10.11': { flavor: 'mariadb', version: '10.11', gtid: true, args: [] },
  'mariadb-11.8': { flavor: 'mariadb', version: '11.8', gtid: true, args: [] },
} as const satisfies Record<string, { flavor: Flavor; version?: string; gtid: boolean; args: string[] }>;

export type Mode = keyof typeof MODES;

export const STATES = ['missing', 'present', 'conflict', 'held', 'unsupported'] as const;
export type State = (typeof STATES)[number];

/** Transactions are named by their number in failed.sql, from 1. */
export interface ExpectedConflict {
  transaction: number;
  table: string;
  key: Record<string, unknown> | null;
  kind: string;
  columns: string[];
}

export interface Expected {
  diff: {
    exitCode: number;
    transactions: Record<State, number>;
    changes: Record<State, number>;
    /** Which ones are not missing; the rest of failed.sql is. */
    present: number[];
    conflicts: ExpectedConflict[];
    held: { transaction: number; by: number; because: string }[];
    /** Words that the reasons of an unsupported transaction hold. */
    unsupported: { transaction: number; mentions: string }[];
    /** Said of a log whose end is cut off, where the server's restart has left it that way. */
    tornTail?: Partial<Record<Flavor, boolean>>;
    /** Words that the report must hold. */
    report?: string[];
  };
  /** What policy.yaml makes of that, where there is one: the replay is then of the resolved plan. */
  policy?: {
    exitCode: number;
    transactions: Record<State, number>;
    /** Of the present ones, those of which nothing is written. */
    kept: number;
    /** `undecided`: words that say why its rule can't decide it. */
    conflicts: { transaction: number; kind: string; undecided: string }[];
    /** `17 shop.orders id=3` to the rule. */
    resolutions: Record<string, string>;
    /** States under --on-conflict alone. */
    onConflict: Record<string, Record<State, number>>;
  };
  /** `conflicts` and `held` are those that between.sql makes; the rest of what was missing is applied. */
  replay: {
    dryExitCode: number;
    exitCode: number;
    conflicts?: Omit<ExpectedConflict, 'columns'>[];
    heldToo?: number[];
  };
  verify: { exitCode: number };
  /** Query on the restored primary at the end: its rows, each as its values joined by ' | '. */
  restored: Record<string, string[]>;
}

export interface Scenario {
  name: string;
  title: string;
  modes: Mode[];
  /** Where it is also played with `--engine sql`. */
  bySql: Mode[];
  schema: string;
  before: string;
  failed: string;
  /** How many transactions failed.sql commits. */
  transactions: number;
  restored: string;
  /** What B commits after it came back, before it is fenced: numbered on from failed.sql. */
  failedLater: string;
  /** What A commits between the diff and the replay. */
  between: string;
  /** Runs on B without a commit and is under way when B dies. */
  uncommitted: string | undefined;
  /** So many bytes of one more transaction stand at the end of the dead server's log. */
  tornBytes: number;
  /** Runs on A at the very end, before `expected.restored` is asked. */
  afterwards: string | undefined;
  /** The policy file; `$17` in it is the id of transaction 17. */
  policy: string | undefined;
  /** Texts that stand in the log and must be in nothing that reconcile writes. */
  secrets: string[];
  /** Schemas in which every table must hold byte for byte what B's holds, at the end. */
  sameAsFailed: string[];
  expected: Expected;
}

export const SCENARIOS_FOLDER = import.meta.dirname;

export function loadScenarios(): Scenario[] {
  return readdirSync(SCENARIOS_FOLDER, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => loadScenario(name))
    .sort((a, b) => a.name.localeCompare(b.name));
}

function loadScenario(name: string): Scenario {
  const path = (file: string): string => join(SCENARIOS_FOLDER, name, file);
  const text = (file: string): string => readFileSync(path(file), 'utf8').trimEnd();
  const optional = (file: string): string | undefined => (existsSync(path(file)) ? text(file) : undefined);
  const {
    title,
    modes,
    bySql = [],
    tornBytes = 0,
    sameAsFailed = [],
    secrets = [],
  } = JSON.parse(text('scenario.json'));
  const failed = optional('failed.sql') ?? '';
  const expected: Expected = JSON.parse(text('expected.json'));
  const failedLater = optional('failed-later.sql') ?? '';
  const transactions = numberedTransactions(name, `${failed}\n${failedLater}`);
  checkExpected(name, transactions, expected);
  return {
    name,
    title,
    modes,
    bySql,
    tornBytes,
    sameAsFailed,
    secrets,
    schema: text('schema.sql'),
    before: optional('before.sql') ?? '',
    failed,
    failedLater,
    transactions,
    restored: optional('restored.sql') ?? '',
    between: optional('between.sql') ?? '',
    uncommitted: optional('uncommitted.sql'),
    afterwards: optional('afterwards.sql'),
    policy: optional('policy.yaml'),
    expected,
  };
}

/** Every transaction starts with `-- 17 what it does`, so that a person can find number 17. */
function numberedTransactions(name: string, failed: string): number {
  const numbers = [...failed.matchAll(/^-- (\d+) /gm)].map(([, number]) => Number(number));
  numbers.forEach((number, i) => {
    if (number !== i + 1) throw new Error(`${name}/failed.sql: transaction ${i + 1} is numbered ${number}`);
  });
  return numbers.length;
}

/** The counts are written by hand beside the lists: a slip of the pen is found before any server starts. */
function checkExpected(name: string, total: number, { diff }: Expected): void {
  const fault = (what: string): never => {
    throw new Error(`${name}/expected.json contradicts itself: ${what}`);
  };
  const conflicts = new Set(diff.conflicts.map(({ transaction }) => transaction)).size;
  const { transactions } = diff;
  const all = STATES.reduce((sum, state) => sum + transactions[state], 0);
  if (all !== total) fault(`its states add up to ${all}, and failed.sql has ${total} transactions`);
  if (diff.present.length !== transactions.present) fault(`${diff.present.length} present are named`);
  if (conflicts !== transactions.conflict) fault(`conflicts name ${conflicts} transactions`);
  if (diff.held.length !== transactions.held) fault(`${diff.held.length} held are named`);
  if (diff.unsupported.length !== transactions.unsupported) {
    fault(`${diff.unsupported.length} unsupported are named`);
  }
}
