// Writes and reads a plan file. Owns its checksum, its mode (0600: it holds customers' rows) and its atomic appearance:
// a plan is there whole or not at all. Never judges what is in it.
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { ReconcileError } from '../reconcile-error.ts';
import {
  PLAN_VERSION,
  type PlanEnd,
  type PlanHeader,
  type PlanLine,
  type PlanTable,
  type PlanTransaction,
  TRANSACTION_STATES,
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
  const { header, damage } = await scanPlanFile(path);
  if (damage !== null) throw damaged(path, damage);
  return header;
}

export interface ScannedPlan {
  header: PlanHeader;
  /** Why the file is not what was written, although each of its lines can be read; null: it is. */
  damage: string | null;
}

/** Throws ReconcileError('input') for what can't be read as a plan at all. */
export async function scanPlanFile(path: string): Promise<ScannedPlan> {
  const hash = createHash('sha256');
  let header: PlanHeader | null = null;
  let lines = 0;
  let end: PlanEnd | null = null;
  let damage: string | null = null;
  for await (const { text, whole } of planLines(path)) {
    if (end) {
      damage = 'there is text after its end line';
      break;
    }
    const line = whole ? parseLine(path, text, lines + 1) : readLine(text);
    if (line?.type === 'end') {
      end = line;
      continue;
    }
    if (!whole) {
      damage = `it was cut short in the middle of line ${lines + 1}`;
      break;
    }
    if (lines === 0) header = checkHeader(path, line!);
    hash.update(`${text}\n`);
    lines += 1;
  }
  if (!header) throw damaged(path, lines === 0 && damage === null ? 'it is empty' : 'it has no header');
  if (damage === null && !end) damage = 'its end line is missing, so it was cut short';
  if (damage === null && (end!.lines !== lines || end!.sha256 !== hash.digest('hex')))
    damage = 'it is not what was written: its checksum does not match, so somebody edited it';
  return { header, damage };
}

/** The plan's tables and transactions, in order. Call `verifyPlanFile` or `scanPlanFile` first. */
export async function* planEntries(path: string): AsyncGenerator<PlanTable | PlanTransaction> {
  let number = 0;
  for await (const { text, whole } of planLines(path)) {
    number += 1;
    // Of a line that was cut nothing is used, even where what is left of it makes sense.
    if (!whole) return;
    const line = parseLine(path, text, number);
    if (line.type === 'end') return;
    if (line.type === 'transaction') checkTransaction(path, line, number);
    if (line.type === 'table' || line.type === 'transaction') yield line;
  }
}

/** Lines end in LF and in nothing else: readline would split a line at the U+2028 of a customer's text. */
async function* planLines(path: string): AsyncGenerator<{ text: string; whole: boolean }> {
  const stream = createReadStream(path, { encoding: 'utf8', highWaterMark: CHUNK });
  let rest: string[] = [];
  try {
    for await (const chunk of stream as AsyncIterable<string>) {
      const texts = chunk.split('\n');
      const last = texts.pop()!;
      for (const text of texts) {
        yield { text: rest.length > 0 ? rest.join('') + text : text, whole: true };
        rest = [];
      }
      if (last !== '') rest.push(last);
    }
    if (rest.length > 0) yield { text: rest.join(''), whole: false };
  } catch (cause) {
    if (cause instanceof ReconcileError) throw cause;
    throw new ReconcileError('input', `${path}: the plan can't be read: ${reason(cause)}`, {
      hint: 'Write one with `reconcile diff`, or name it.',
      cause,
    });
  } finally {
    stream.destroy();
  }
}

function parseLine(path: string, text: string, number: number): PlanLine {
  const line = readLine(text);
  if (line) return line;
  throw damaged(path, `line ${number} is not a line of a plan`);
}

function readLine(text: string): PlanLine | null {
  try {
    const line = JSON.parse(text) as PlanLine;
    const known = ['plan', 'table', 'transaction', 'end'];
    return line && typeof line === 'object' && known.includes(line.type) ? line : null;
  } catch {
    return null;
  }
}

/** What an edited line could get wrong, and what would then be taken for something else. */
function checkTransaction(path: string, line: PlanTransaction, number: number): void {
  const { id, state, changes, source } = line;
  if (!Array.isArray(changes)) throw damaged(path, `line ${number} is a transaction without changes`);
  if (!TRANSACTION_STATES.includes(state))
    throw damaged(path, `line ${number}: transaction ${id} has no state that there is ("${state}")`);
  for (const { op, before, after } of [...changes, ...(source ?? [])]) {
    const sides = (op === 'insert' ? 0 : 1) + (op === 'delete' ? 0 : 2);
    const given = (before === undefined ? 0 : 1) + (after === undefined ? 0 : 2);
    const known = op === 'insert' || op === 'update' || op === 'delete';
    if (!known || (given !== 0 && given !== sides))
      throw damaged(path, `line ${number}: a change of transaction ${id} is no insert, update or delete`);
  }
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
