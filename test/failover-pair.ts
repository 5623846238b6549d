// A pair of real servers for integration tests: seed both alike, record, write on either side, then diff, replay and
// verify through the core. No replication runs between them: what both have is seeded without a log.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadPlan } from '../src/plan/planned-transactions.ts';
import type { PolicyRequest } from '../src/policy/load-policy.ts';
import { clean, dryRun, replay, resolve, undo, verify } from '../src/reconcile.ts';
import { takeRecord } from '../src/record/take-record.ts';
import { NO_THROTTLE, type ThrottleLimits } from '../src/replay/throttle.ts';
import type { EngineName } from '../src/replay/write-engine.ts';
import type { ReportData } from '../src/report/report-data.ts';
import type {
  CleanOutcome,
  DiffOutcome,
  Progress,
  ReplayOutcome,
  UndoOutcome,
  VerifyOutcome,
} from '../src/requests.ts';
import { connectServer } from '../src/server/connection.ts';
import type { ServerChoice, ServerRole } from '../src/server/server-choice.ts';
import { sandboxChoice } from './connect-restored.ts';
import { type SandboxServer, startServer } from './sandbox/index.ts';

const NO_POLICY: PolicyRequest = { file: undefined, onConflict: undefined };

export interface PairOptions {
  flavor: 'mysql' | 'mariadb';
  version?: string;
  gtid?: boolean;
  args?: string[];
  /** Of one of them only. */
  failedArgs?: string[];
  restoredArgs?: string[];
}

/** Each has a mark of its own for what is replayed: docs/architecture.md, Exactly once. */
export const MODES_OF_MARKING: [string, PairOptions][] = [
  ['MySQL with GTIDs', { flavor: 'mysql' }],
  ['MySQL without GTIDs', { flavor: 'mysql', gtid: false }],
  ['MariaDB 11.8', { flavor: 'mariadb', version: '11.8' }],
];

export class FailoverPair {
  readonly restored: SandboxServer;
  readonly failed: SandboxServer;
  readonly folder = mkdtempSync(join(tmpdir(), 'reconcile-test-'));
  readonly warnings: string[] = [];
  /** What the progress said. */
  readonly steps: string[] = [];
  readonly #fence: string;
  force: ReadonlySet<string> = new Set();
  throttle: ThrottleLimits = NO_THROTTLE;
  /** Other accounts than the sandbox's, by role. */
  accounts: Partial<Record<ServerRole, ServerChoice['credentials']>> = {};

  private constructor(restored: SandboxServer, failed: SandboxServer) {
    this.restored = restored;
    this.failed = failed;
    this.#fence = failed.flavor === 'mysql' ? 'super_read_only' : 'read_only';
  }

  static async start(options: PairOptions): Promise<FailoverPair> {
    const { flavor, version, gtid = true, args = [] } = options;
    // Said either way: from some version on MySQL's default is ON.
    const mode = gtid ? 'ON' : 'OFF';
    const own = flavor === 'mysql' ? [`--gtid-mode=${mode}`, `--enforce-gtid-consistency=${mode}`] : [];
    const server = (name: string, serverId: number, extra: string[] = []): Promise<SandboxServer> =>
      startServer({
        name,
        flavor,
        ...(version ? { version } : {}),
        serverId,
        args: [...own, ...args, ...extra],
      });
    const [restored, failed] = await Promise.all([
      server('restored', 1, options.restoredArgs),
      server('failed', 2, options.failedArgs),
    ]);
    return new FailoverPair(restored, failed);
  }

  get record(): string {
    return join(this.folder, 'failover.json');
  }

  get plan(): string {
    return join(this.folder, 'reconcile.plan.jsonl');
  }

  /** On both servers, in neither's log; then the failover is recorded and the failed primary takes writes. */
  async begin(seed: string): Promise<void> {
    await this.failed.query(`SET GLOBAL ${this.#fence}=0; SET GLOBAL read_only=0`);
    for (const server of [this.restored, this.failed]) {
      await server.query(`SET sql_log_bin=0; ${seed}; SET sql_log_bin=1`);
    }
    const old = await connectServer(this.choice('old'));
    const fresh = await connectServer(this.choice('new'));
    try {
      const { record } = await takeRecord({
        old,
        new: fresh,
        cluster: 'test',
        now: new Date(),
        force: new Set(),
      });
      writeFileSync(this.record, JSON.stringify(record));
    } finally {
      await old.close();
      await fresh.close();
    }
  }

  /** Each text is one transaction on the failed primary. */
  async onFailed(...transactions: string[]): Promise<void> {
    for (const sql of transactions) await this.failed.query(`START TRANSACTION; ${sql}; COMMIT`);
  }

  async onRestored(...transactions: string[]): Promise<void> {
    for (const sql of transactions) await this.restored.query(`START TRANSACTION; ${sql}; COMMIT`);
  }

  /** `fenced`: the failed primary is fenced already, or down. */
  async diff(
    options: {
      binlog?: boolean;
      files?: string[];
      plan?: string;
      fenced?: boolean;
      stopDatetime?: number;
      startPosition?: string;
      stopPosition?: string;
      maxLoad?: number;
      /** As if nobody had taken one. */
      withoutRecord?: boolean;
      policy?: PolicyRequest;
    } = {},
  ): Promise<DiffOutcome> {
    if (!options.fenced) await this.failed.query(`SET GLOBAL ${this.#fence}=1`);
    return dryRun({
      ...this.#common(),
      ...(options.withoutRecord ? { record: undefined } : {}),
      failed: options.binlog || options.files ? undefined : this.choice('failed'),
      binlog: options.files ?? (options.binlog ? [await this.failed.binlogDirectory()] : []),
      plan: options.plan ?? this.plan,
      maxLoad: options.maxLoad ?? null,
      policy: options.policy ?? NO_POLICY,
      journal: 'reconcile',
      startPosition: options.startPosition,
      startGtidSet: undefined,
      stopPosition: options.stopPosition,
      stopDatetime: options.stopDatetime,
      tables: [],
      ignoreTables: [],
    });
  }

  /** The plan judged again under a policy, in a file of its own. */
  resolve(policy: PolicyRequest): Promise<ReportData | null> {
    return resolve({ ...this.#common(), failed: undefined, plan: this.plan, journal: 'reconcile', policy });
  }

  replay(options: {
    apply: boolean;
    signal?: AbortSignal;
    undo?: string;
    plan?: string;
    /** Asks the failed primary too. */
    failed?: boolean | 'by the record';
    engine?: EngineName;
    allowTriggers?: boolean;
    workers?: number;
  }): Promise<ReplayOutcome> {
    return replay({
      ...this.#common(),
      ...(options.signal ? { signal: options.signal } : {}),
      failed: options.failed ? this.choice('failed') : undefined,
      failedNamed: options.failed !== 'by the record',
      plan: options.plan ?? this.plan,
      apply: options.apply,
      journal: 'reconcile',
      undo: options.undo,
      workers: options.workers ?? 4,
      throttle: this.throttle,
      engine: options.engine,
      allowTriggers: options.allowTriggers ?? false,
    });
  }

  undo(file: string, options: { apply: boolean; engine?: EngineName }): Promise<UndoOutcome> {
    return undo({
      ...this.#common(),
      file,
      apply: options.apply,
      journal: 'reconcile',
      workers: 4,
      throttle: this.throttle,
      engine: options.engine,
    });
  }

  clean(options: { apply: boolean; folder?: string }): Promise<CleanOutcome> {
    const { record: _, ...common } = this.#common();
    return clean({
      ...common,
      apply: options.apply,
      journal: 'reconcile',
      folder: options.folder ?? this.folder,
    });
  }

  verify(): Promise<VerifyOutcome> {
    return verify({ ...this.#common(), plan: this.plan, journal: 'reconcile' });
  }

  /** The plan's transactions, by their order in the window. */
  async states(): Promise<string[]> {
    const { transactions } = await loadPlan(this.plan);
    return transactions.map(({ planned }) => planned.state);
  }

  choice(role: ServerRole): ServerChoice {
    const server = role === 'failed' || role === 'new' ? this.failed : this.restored;
    return sandboxChoice(server, role, this.accounts[role]);
  }

  async remove(): Promise<void> {
    rmSync(this.folder, { recursive: true, force: true });
    await Promise.all([this.restored.remove(), this.failed.remove()]);
  }

  #common() {
    const progress: Progress = {
      step: (text) => void this.steps.push(text),
      count() {},
      warn: (text) => void this.warnings.push(text),
    };
    return {
      record: this.record,
      restored: this.choice('restored'),
      force: this.force,
      signal: new AbortController().signal,
      progress,
    };
  }
}
