// The plan's lines: what the diff found, as a file that a person reads with jq and replay works from. Types only.
//
// One JSON document a line: a header, then tables (each before the first transaction that needs it) and transactions
// in commit order, then an end line with the SHA-256 of every byte before it. Nothing in it tells the time it was made
// or how the log was read: the same window gives the same bytes from a live server and from files.

export const PLAN_VERSION = 1;

export type TransactionState = 'missing' | 'present' | 'conflict' | 'held' | 'unsupported';
export const TRANSACTION_STATES: readonly TransactionState[] = [
  'missing',
  'present',
  'conflict',
  'held',
  'unsupported',
];

export type JsonValue = null | boolean | number | string | JsonValue[] | { [name: string]: JsonValue };
export type DisplayedRow = Record<string, JsonValue>;

export interface PlanPlace {
  file: string;
  position: number;
  gtidSet?: string;
}

export interface PlanServer {
  /** server_uuid; null on MariaDB, which has none. */
  uuid: string | null;
  serverId: number;
  version: string;
  flavor: 'mysql' | 'mariadb';
}

export interface PlanWindow {
  start: PlanPlace;
  end: PlanPlace;
  firstCommit: string | null;
  lastCommit: string | null;
  seconds: number;
  transactions: number;
  changes: number;
  bytes: number;
  tornTail: boolean;
  /** A stop was asked for: the log goes on behind the window, and was left unread on purpose. */
  stopped?: true;
  /** So many transactions of the log touch none of the tables asked for: left out on purpose. */
  leftOut?: number;
}

/** What was read, so that "nothing is missing" can be believed. */
export interface PlanAccount {
  files: { file: string; from: number; to: number; bytes: number; events: number }[];
  bytes: number;
  events: Record<string, number>;
  /** Transactions in the log: the window's own, those replicated from elsewhere (not divergence), those left out by the request. */
  transactions: { own: number; replicated: number; skipped: number };
  changes: number;
  /** Changes that XA prepared and then rolled back: in the log, in no transaction. */
  rolledBack: number;
  undecoded: { file: string; position: number; reason: string; detail: string }[];
  tornTail: { file: string; position: number; bytes: number; reason: string } | null;
  closes: boolean;
}

export interface PlanHeader {
  type: 'plan';
  version: number;
  cluster: string | null;
  failed: PlanServer;
  restored: PlanServer & { coordinates: PlanPlace };
  window: PlanWindow;
  transactions: Record<TransactionState, number>;
  changes: Record<TransactionState, number>;
  tables: { table: string; insert: number; update: number; delete: number; conflict: number }[];
  account: PlanAccount;
  /** Set in an undo file: what a replay was about to write, to be taken back. */
  undo?: true;
  /** Set where the plan was made under a policy. */
  policy?: PlanPolicy;
  /** What a person should know before believing the rest; each a full sentence. */
  warnings: string[];
}

export interface PlanPolicy {
  /** Path as it was given, and the SHA-256 of its bytes; null where options alone said it. */
  file: string | null;
  sha256: string | null;
  /** For what no table's rule speaks of. */
  default: string;
  /** Conflicts that became missing; transactions of which nothing is written. */
  transactions: { resolved: number; kept: number };
  /** Rows by the rule that decided them. */
  rows: Record<string, number>;
}

/** What a header says beside the counts, known before the diff. */
export type PlanFacts = Pick<PlanHeader, 'cluster' | 'failed' | 'restored' | 'account' | 'warnings'> & {
  window: Pick<PlanWindow, 'start' | 'end' | 'stopped'>;
  /** Whether the restored primary's executed set has this GTID. */
  executed: (gtid: string) => boolean;
};

export interface PlanTable {
  type: 'table';
  id: number;
  schema: string;
  table: string;
  columns: string[];
  key: string[];
  /** The restored primary's definition when the diff looked: replay refuses another one. */
  definition: string;
  /** The log's TABLE_MAP body, base64. */
  tableMap: string;
}

export interface PlanChange {
  /** A PlanTable's id; -1 where the change's table could not be read (its transaction is then never replayed). */
  table: number;
  name: string;
  op: 'insert' | 'update' | 'delete';
  state: TransactionState;
  key: DisplayedRow | null;
  flags: number;
  /** The row as the log has it (null bitmap, then values), base64. */
  before?: string;
  after?: string;
}

export type ConflictKind =
  | 'changed-on-restored'
  | 'deleted-on-restored'
  | 'key-taken'
  | 'unique-taken'
  | 'parent-missing'
  | 'children-exist'
  | 'partly-present'
  | 'likely-retry'
  | 'schema-differs'
  /** Found by a replay alone: a row that no packet of the restored primary holds. */
  | 'too-large'
  /** Found by a replay alone: the rows fit, and the restored primary's own rules refused them all the same. */
  | 'refused-by-restored';

export interface PlanConflict {
  transaction: string;
  table: string;
  key: DisplayedRow | null;
  kind: ConflictKind;
  before: DisplayedRow | null;
  after: DisplayedRow | null;
  restored: DisplayedRow | null;
  /** Columns that differ, or for a key or reference the columns it is made of. */
  columns: string[];
  /** For a person: the same in words. */
  why: string;
  /**
   * The restored primary's own transactions that wrote the row since the failover, last first; the latest few.
   * `statement`: its log shows DDL or a statement, not which rows of the table that wrote.
   */
  changedBy?: { transaction: string; committed: string | null; statement?: true }[];
  /** For `unique-taken`: but for its automatic id and times the other row is the same, and was written since the failover. */
  likelyRetry?: true;
  /** For `children-exist`: keys of the rows that would be touched, the newly written ones first; the first twenty. */
  children?: string[];
  /** How many of all of them, the last ones, the restored primary has not written since the failover. */
  oldChildren?: number;
  /** For `key-taken`: rows of the window that refer to the failed primary's row, by foreign keys. */
  references?: { transaction: string; table: string; key: DisplayedRow }[];
  /** Under a policy: the rule that was to decide it, its place, and why it can't. */
  undecided?: string;
}

/** One row of a transaction that a policy decided. */
export interface PlanResolution {
  table: string;
  key: DisplayedRow | null;
  /** Null: no conflict of its own; it follows a row with a new key, or its transaction is left out whole. */
  kind: ConflictKind | null;
  rule: string;
  /** `policy.yaml:4:18`, or the option that gave the rule. */
  place: string;
  /** Rules of single columns that had a say. */
  columns?: Record<string, string>;
  /** On the failed primary. */
  before: DisplayedRow | null;
  after: DisplayedRow | null;
  /** On the restored primary, before the replay and after it. */
  restored: DisplayedRow | null;
  result: DisplayedRow | null;
}

export interface PlanTransaction {
  type: 'transaction';
  id: string;
  gtid: string | null;
  state: TransactionState;
  start: { file: string; position: number };
  end: { file: string; position: number };
  committed: string | null;
  /** Whether the restored primary's executed set had this GTID when the diff looked: it can't be applied under it again. */
  executed: boolean;
  /** What a replay writes. */
  changes: PlanChange[];
  /** Where a policy resolved it: its changes as the failed primary logged them. */
  source?: PlanChange[];
  resolutions?: PlanResolution[];
  /** Inserts of `source`, by number, that are left out; that get another key. */
  leftOut?: number[];
  rekeyed?: { change: number; key: string }[];
  /** An earlier replay wrote it as a policy resolved it, so that its rows are not those of the log. */
  resolvedEarlier?: true;
  /** Where images were completed: Transaction.loggedDigest. */
  loggedDigest?: string;
  conflicts?: PlanConflict[];
  heldBy?: { transaction: string; because: string };
  unsupported?: string[];
}

export interface PlanEnd {
  type: 'end';
  lines: number;
  sha256: string;
}

export type PlanLine = PlanHeader | PlanTable | PlanTransaction | PlanEnd;
