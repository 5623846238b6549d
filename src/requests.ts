// What the commands ask of the core, and what they get back. Types only: src/cli fills the requests, src/reconcile.ts answers.
import type { PlanConflict, PlanHeader } from './plan/plan.ts';
import type { PolicyRequest } from './policy/load-policy.ts';
import type { JournalContents } from './replay/journal-removal.ts';
import type { ThrottleLimits } from './replay/throttle.ts';
import type { VerifyResult } from './replay/verify-plan.ts';
import type { EngineName } from './replay/write-engine.ts';
import type { ReportData } from './report/report-data.ts';
import type { ServerChoice } from './server/server-choice.ts';

/** How a long stage says where it is; the terminal shows it, a script never sees it. */
export interface Progress {
  step(text: string): void;
  count(label: string, done: number, total?: number): void;
  /** Something a person should know although the command goes on. */
  warn(text: string): void;
}

interface Request {
  /** Names of safety checks to override. */
  force: ReadonlySet<string>;
  signal: AbortSignal;
  progress: Progress;
}

/** Which servers and which part of the log. */
export interface LogRequest extends Request {
  /** Path of the failover record; undefined: none. */
  record: string | undefined;
  failed: ServerChoice | undefined;
  /** Binlog files or directories; empty: read the failed primary live. */
  binlog: string[];
  /** `FILE:POS`. */
  startPosition: string | undefined;
  startGtidSet: string | undefined;
  stopPosition: string | undefined;
  /** Microseconds since 1970. */
  stopDatetime: number | undefined;
  tables: string[];
  ignoreTables: string[];
}

export interface DiffRequest extends LogRequest {
  policy: PolicyRequest;
  restored: ServerChoice | undefined;
  /** Where the plan is written. */
  plan: string;
  /** Sessions of others that may be running while rows are looked up; null: any number. */
  maxLoad: number | null;
  /** Schema of the journal table. */
  journal: string;
}

/** What the plan says, as the report shows it, and how the log was read. */
export interface DiffOutcome extends ReportData {
  kind: 'diff';
  source: 'live' | 'files';
}

/** A plan judged again under a policy; the resolved plan is a file of its own, beside it. */
export interface ResolveRequest extends Request {
  record: string | undefined;
  restored: ServerChoice | undefined;
  failed: ServerChoice | undefined;
  plan: string;
  journal: string;
  policy: PolicyRequest;
}

export interface ReplayRequest extends Request {
  record: string | undefined;
  failed: ServerChoice | undefined;
  /** Whether somebody named it: else it is the record's, and another server may have its address by now. */
  failedNamed: boolean;
  restored: ServerChoice | undefined;
  plan: string;
  apply: boolean;
  /** Schema of the journal table. */
  journal: string;
  /** How many transactions may be under way at once. */
  workers: number;
  throttle: ThrottleLimits;
  /** Where the undo file is written; undefined: beside the plan. */
  undo: string | undefined;
  /** undefined: row events where the account may apply them, else SQL. */
  engine?: EngineName | undefined;
  /** Whether SQL may write to tables whose triggers it fires. */
  allowTriggers?: boolean;
}

export interface ReplayOutcome {
  kind: 'replay';
  apply: boolean;
  plan: string;
  header: PlanHeader;
  /** Transaction ids written by this run; by a dry run: that would be written. */
  applied: string[];
  alreadyPresent: string[];
  /** Not replayed: held, in conflict or unsupported in the plan, or held by what this run found. */
  held: number;
  conflicts: PlanConflict[];
  transactionsPerSecond: number;
  /** Of the writing alone: from the first transaction to the last commit. */
  seconds: number;
  /** That the throttle held a worker back, on average. */
  secondsHeldBack: number;
  /** The GTIDs of `applied` where they kept theirs, as a set. */
  gtids: string;
  /** Of the failed primary's GTIDs, those that are lacking in the end, as sets; null where the restored primary keeps none. */
  lackingGtids: { present: string; leftOut: string } | null;
  /** With `apply`, and where something was left to write: the undo file. */
  undo: string | null;
  /** How the rows are written. */
  engine: EngineName;
  /** With `apply`: the replay read back. */
  verified: VerifyResult | null;
}

export interface UndoRequest extends Request {
  record: string | undefined;
  restored: ServerChoice | undefined;
  /** The undo file. */
  file: string;
  workers: number;
  throttle: ThrottleLimits;
  apply: boolean;
  journal: string;
  engine?: EngineName | undefined;
  allowTriggers?: boolean;
}

export interface UndoOutcome {
  kind: 'undo';
  apply: boolean;
  file: string;
  /** Transaction ids taken back by this run; without `apply`: that would be. */
  undone: string[];
  /** Not replayed, or taken back already. */
  nothingToUndo: string[];
  held: { transaction: string; by: string }[];
  conflicts: PlanConflict[];
}

export interface CleanRequest extends Request {
  restored: ServerChoice;
  apply: boolean;
  /** Schema of the journal table. */
  journal: string;
  /** Where plans and undo files are looked for. */
  folder: string;
}

export interface CleanOutcome {
  kind: 'clean';
  apply: boolean;
  schema: string;
  /** What stood in the journal; null where there is none. */
  contents: JournalContents | null;
  removed: boolean;
  schemaRemoved: boolean;
}

export interface VerifyRequest extends Request {
  record: string | undefined;
  restored: ServerChoice | undefined;
  plan: string;
  journal: string;
}

export interface VerifyOutcome extends VerifyResult {
  kind: 'verify';
  plan: string;
  header: PlanHeader;
}

export interface InspectRequest extends LogRequest {
  /**
   * Where every change is asked for: given them in order as JSON lines, each an InspectedRow, a block or more at a time.
   * Reading waits for what it returns; the blocks are written again after that.
   */
  onRows: ((lines: Buffer[]) => Promise<void>) | undefined;
}

export interface InspectedRow {
  transaction: string;
  table: string;
  op: 'insert' | 'update' | 'delete';
  before: InspectedImage | null;
  after: InspectedImage | null;
}

/**
 * Values as text under the columns' names where the log has them, else under their numbers from 1. Columns that were not
 * logged are left out.
 */
export type InspectedImage = Record<string, string | null | { base64: string }>;

export interface InspectOutcome {
  kind: 'inspect';
  source: 'live' | 'files';
  header: Pick<PlanHeader, 'failed' | 'window' | 'account' | 'warnings'> & {
    /** `distinctRows`: by key where the log names it, else followed from image to image. */
    tables: (PlanHeader['tables'][number] & { distinctRows: number })[];
    /** How many there are: the account lists the first thousand. */
    undecoded: number;
  };
}
