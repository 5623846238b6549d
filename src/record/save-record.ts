// Puts the failover record on disk, whole or not at all, and guards the one that is there. Never asks a server.
import { randomBytes } from 'node:crypto';
import { link, open, rename, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { ReconcileError } from '../reconcile-error.ts';
import { isRecordedServer } from '../server/identity.ts';
import { checkCoolOff } from '../server/safety-checks/cool-off.ts';
import { type CheckResult, refusal, runChecks } from '../server/safety-checks/run-checks.ts';
import { type FailoverRecord, loadRecord, type RecordedServer } from './failover-record.ts';

export interface SaveRequest {
  path: string;
  /** Milliseconds. */
  coolOff: number;
  now: Date;
  force: ReadonlySet<string>;
}

/**
 * Looks at what stands at `path` before a server is asked, too: inside the cool-off a hook must fail at once.
 * Without `record` it judges by the cluster's name alone. Throws ReconcileError('refused'), or 'input' for a file that
 * is no record: we don't overwrite what we don't know.
 */
export async function checkEarlierRecord(
  record: FailoverRecord | { cluster: string | null },
  request: SaveRequest,
): Promise<FailoverRecord | null> {
  if (!(await exists(request.path))) return null;
  const earlier = await loadRecord(request.path).catch((cause: unknown) => {
    throw new ReconcileError('input', `${(cause as Error).message}\nIt is left as it is.`, {
      hint: 'Move it away, or name another file with --out.',
      cause,
    });
  });
  const same = isSameCluster(record, earlier);
  if (same === undefined) return earlier;
  const otherCluster: CheckResult = refusal(
    'other-cluster',
    `${request.path} holds the failover record of ${clusterName(earlier)}`,
    'Name another file with --out.',
  );
  const result = same
    ? checkCoolOff(Date.parse(earlier.recordedAt), request.now.getTime(), request.coolOff)
    : otherCluster;
  runChecks([result], request.force);
  return earlier;
}

/**
 * Writes `record` with mode 0600; an earlier record of the cluster stays beside it under its own time.
 * Returns that file's path, or null.
 */
export async function saveRecord(record: FailoverRecord, request: SaveRequest): Promise<string | null> {
  const earlier = await checkEarlierRecord(record, request);
  const directory = dirname(request.path);
  const temporary = join(directory, `.${randomBytes(6).toString('hex')}.failover-record`);
  let kept: string | null = null;
  try {
    const file = await open(temporary, 'wx', 0o600);
    try {
      await file.writeFile(`${JSON.stringify(record, null, 2)}\n`);
      await file.sync();
    } finally {
      await file.close();
    }
    if (earlier) kept = await keep(request.path, earlier.recordedAt);
    await rename(temporary, request.path);
    await syncDirectory(directory);
  } catch (cause) {
    await rm(temporary, { force: true });
    throw new ReconcileError('input', `${request.path} can't be written: ${(cause as Error).message}`, {
      hint: 'Name another file with --out. No record was written.',
      cause,
    });
  }
  return kept;
}

/** Undefined: can't be told before the servers are known. */
function isSameCluster(
  record: FailoverRecord | { cluster: string | null },
  earlier: FailoverRecord,
): boolean | undefined {
  if (record.cluster !== null && earlier.cluster !== null) return record.cluster === earlier.cluster;
  if (!('old' in record)) return undefined;
  const servers: RecordedServer[] = [record.old, record.new];
  return servers.some((one) => isRecordedServer(one, earlier.old) || isRecordedServer(one, earlier.new));
}

function clusterName(record: FailoverRecord): string {
  if (record.cluster !== null) return `cluster ${record.cluster}`;
  return `${record.old.host}:${record.old.port} and ${record.new.host}:${record.new.port}`;
}

async function keep(path: string, recordedAt: string): Promise<string> {
  const kept = `${path}.${recordedAt.replaceAll(':', '-')}`;
  await link(path, kept).catch((error: NodeJS.ErrnoException) => {
    // Kept already by an earlier run that ended before its rename.
    if (error.code !== 'EEXIST') throw error;
  });
  return kept;
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}

async function syncDirectory(path: string): Promise<void> {
  const directory = await open(path, 'r');
  await directory.sync().finally(() => directory.close());
}
