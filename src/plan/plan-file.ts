// Writes and reads a plan file. Owns its checksum, its mode (0600: it holds customers' rows) and its atomic appearance:
// a plan is there whole or not at all. Never judges what is in it.
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';
import { ReconcileError } from '../reconcile-error.ts';
import {
  PLAN_VERSION,
  type PlanHeader,
  type PlanLine,
  type PlanTable,
  type PlanTransaction,
} from './plan.ts';
import { checkPlace, type PrivateFile, writePrivateFile } from './private-file.ts';

/** Characters a chunk, about. */
const CHUNK = 1 << 19;

/** An interrupted diff leaves the earlier plan as it was. Throws ReconcileError('input'). */
export async function writePlan(
  path: string,
  lines: Iterable<PlanLine>,
  option = '--plan FILE',
): Promise<void> {
  await writePrivateFile(planFile(path, option), checksummed(lines));
}

/** Throws ReconcileError('input') where a plan could not be written. */
export async function checkPlanPlace(path: string): Promise<void> {
  await checkPlace(planFile(path, '--plan FILE'));
}

function planFile(path: string, option: string): PrivateFile {
  return { path, what: 'the plan', isOurs: (head) => head.startsWith('{"type":"plan"'), option };
}

function* checksummed(lines: Iterable<PlanLine>): Generator<Buffer> {
  const hash = createHash('sha256');
  let count = 0;
  let chunk = '';
  for (const line of lines) {
    chunk += `${JSON.stringify(line)}\n`;
    count += 1;
    if (chunk.length < CHUNK) continue;
    const bytes = Buffer.from(chunk);
    hash.update(bytes);
    yield bytes;
    chunk = '';
  }
  hash.update(chunk);
  yield Buffer.from(`${chunk}${JSON.stringify({ type: 'end', lines: count, sha256: hash.digest('hex') })}\n`);
}

/** Checks the whole file against its own end line, before anything is done with any of it. */
export async function verifyPlanFile(path: string): Promise<PlanHeader> {
  const hash = createHash('sha256');
  let header: PlanHeader | null = null;
  let lines = 0;
  let end: { lines: number; sha256: string } | null = null;
  for await (const text of planLines(path)) {
    if (end) throw damaged(path, 'there is text after its end line');
    const line = parseLine(path, text, lines + 1);
    if (line.type === 'end') {
      end = line;
      continue;
    }
    if (lines === 0) header = checkHeader(path, line);
    hash.update(`${text}\n`);
    lines += 1;
  }
  if (!header) throw damaged(path, 'it is empty');
  if (!end) throw damaged(path, 'its end line is missing, so it was cut short');
  if (end.lines !== lines || end.sha256 !== hash.digest('hex')) {
    throw damaged(path, 'it is not what diff wrote: its checksum does not match');
  }
  return header;
}

/** The plan's tables and transactions, in order. Call `verifyPlanFile` first. */
export async function* planEntries(path: string): AsyncGenerator<PlanTable | PlanTransaction> {
  let number = 0;
  for await (const text of planLines(path)) {
    number += 1;
    const line = parseLine(path, text, number);
    if (line.type === 'transaction' && !Array.isArray(line.changes)) {
      throw damaged(path, `line ${number} is a transaction without changes`);
    }
    if (line.type === 'table' || line.type === 'transaction') yield line;
  }
}

async function* planLines(path: string): AsyncGenerator<string> {
  const stream = createReadStream(path, { encoding: 'utf8' });
  try {
    yield* createInterface({ input: stream, crlfDelay: Number.POSITIVE_INFINITY });
  } catch (cause) {
    throw new ReconcileError('input', `${path}: the plan can't be read: ${reason(cause)}`, {
      hint: 'Write one with `reconcile diff`, or name it.',
      cause,
    });
  } finally {
    stream.destroy();
  }
}

function parseLine(path: string, text: string, number: number): PlanLine {
  try {
    const line = JSON.parse(text) as PlanLine;
    if (line && typeof line === 'object' && ['plan', 'table', 'transaction', 'end'].includes(line.type))
      return line;
  } catch {
    // The message below says it for both faults.
  }
  throw damaged(path, `line ${number} is not a line of a plan`);
}

function checkHeader(path: string, line: PlanLine): PlanHeader {
  if (line.type !== 'plan') throw damaged(path, 'its first line is not a plan header');
  if (line.version !== PLAN_VERSION) {
    throw new ReconcileError(
      'input',
      `${path}: plan version ${line.version}; this reconcile reads version ${PLAN_VERSION}`,
      {
        hint: 'Write the plan again with this reconcile: `reconcile diff`.',
      },
    );
  }
  const parts = [
    'failed',
    'restored',
    'window',
    'transactions',
    'changes',
    'tables',
    'account',
    'warnings',
  ] as const;
  const lacking = parts.filter((part) => typeof line[part] !== 'object' || line[part] === null);
  if (lacking.length > 0) throw damaged(path, `its header lacks ${lacking.join(', ')}`);
  return line;
}

function damaged(path: string, what: string): ReconcileError {
  return new ReconcileError('input', `${path}: the plan is damaged: ${what}`, {
    hint: 'Write it again with `reconcile diff`; nothing was changed.',
  });
}

function reason(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause);
}
