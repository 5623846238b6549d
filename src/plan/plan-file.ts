// Writes and reads a plan file. Owns its checksum, its mode (0600: it holds customers' rows) and its atomic appearance:
// a plan is there whole or not at all. Never judges what is in it.
import { createHash } from 'node:crypto';
import { ReconcileError } from '../reconcile-error.ts';
import { fileLines, type LineBlock } from './file-lines.ts';
import { LineFault } from './json-scanner.ts';
import {
  PLAN_VERSION,
  type PlanEnd,
  type PlanHeader,
  type PlanLine,
  type PlanTable,
  type PlanTransaction,
  TRANSACTION_STATES,
} from './plan.ts';
import {
  damagedPlan,
  type NamedPlan,
  otherPlanVersion,
  undoFileGiven,
  unreadablePlan,
} from './plan-faults.ts';
import { checkPlace, type PrivateFile, writePrivateFile } from './private-file.ts';
import { scanTransaction } from './scan-transaction.ts';
import type { ScannedChange } from './scanned-change.ts';

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

/** In front of its header: by it a file is known for an undo file before all of it is read. */
export const UNDO_HEAD = { type: 'plan', version: PLAN_VERSION, undo: true } as const;

function isUndoFile(head: string): boolean {
  return head.startsWith(JSON.stringify(UNDO_HEAD).slice(0, -1));
}

/** For a plan under this name; `option` is how another name is given. What a replay can be taken back by is not replaced. */
function planFile(path: string, option: string): PrivateFile {
  const isOurs = (head: string): boolean => head.startsWith('{"type":"plan"') && !isUndoFile(head);
  return { path, what: 'the plan', isOurs, option };
}

/** The same for an undo file, which replaces no plan: that is what proves the replay. */
export function undoFile(path: string, option: string): PrivateFile {
  return { path, what: 'the undo file', isOurs: isUndoFile, option };
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

export interface ScannedPlan {
  header: PlanHeader;
  /** Why the file is not what was written, although each of its lines can be read; null: it is. */
  damage: string | null;
  /** What can't be used in a line of it; what follows was read for the checksum only. null: nothing. */
  fault: ReconcileError | null;
  /** SHA-256 of all that stands before the end line. */
  sha256: string;
  /** How long all of that is. */
  bytes: number;
}

/** What is told of a plan's lines while they go by, in their order. Nothing may be done with it before the end is checked. */
export interface PlanReader {
  header?: (header: PlanHeader) => void;
  table?: (table: PlanTable) => void;
  /** An element of a list of the transaction that is told next; the line and the change are used again for others. */
  change?: (list: 'changes' | 'source', change: Readonly<ScannedChange>, line: Buffer) => void;
  /** `changes` and `source` are empty lists. */
  transaction?: (transaction: PlanTransaction, line: Buffer) => void;
}

/** Throws ReconcileError('input') for what is not, or not any more, the plan that was written; 'usage' for an undo file. */
export async function readWholePlan(path: string, reader: PlanReader = {}): Promise<PlanHeader> {
  const { header, damage, fault } = await scanPlanFile(path, reader);
  if (damage !== null) throw damagedPlan({ path, kind: 'plan' }, damage);
  if (fault !== null) throw fault;
  if (header.undo) throw undoFileGiven(path);
  return header;
}

/**
 * Reads the file once: checks it against its own end line, and tells what is in it. Throws ReconcileError('input') for what
 * can't be read as a plan at all.
 */
export async function scanPlanFile(
  path: string,
  reader: PlanReader = {},
  kind: NamedPlan['kind'] = 'plan',
): Promise<ScannedPlan> {
  const file = { path, kind };
  const hash = createHash('sha256');
  let header: PlanHeader | null = null;
  let lines = 0;
  let size = 0;
  let end: PlanEnd | null = null;
  let damage: string | null = null;
  let fault: ReconcileError | null = null;
  for await (const { bytes, ends, whole } of readLines(file)) {
    let start = 0;
    let vouchedFor = 0;
    for (const lineEnd of ends) {
      const text = bytes.subarray(start, lineEnd);
      // Of a line that was cut nothing is used, even where what is left of it makes sense.
      if (end) damage = 'there is text after its end line';
      else if (!whole && !isEnd(text)) damage = `it was cut short in the middle of line ${lines + 1}`;
      if (damage !== null) break;
      // What is behind a line that can't be used is read for the checksum: it says more.
      const { line, unusable } = parseLine(file, text, lines + 1, fault === null ? reader : {});
      start = lineEnd + 1;
      if (line.type === 'end') {
        end = line;
        continue;
      }
      if (lines === 0) {
        header = checkHeader(file, line);
        reader.header?.(header);
      }
      vouchedFor = start;
      lines += 1;
      fault ??= unusable;
    }
    hash.update(bytes.subarray(0, vouchedFor));
    size += vouchedFor;
    if (damage !== null) break;
  }
  if (!header) throw damagedPlan(file, lines === 0 && damage === null ? 'it is empty' : 'it has no header');
  if (damage === null && !end) damage = 'its end line is missing, so it was cut short';
  const sha256 = hash.digest('hex');
  if (damage === null && (end!.lines !== lines || end!.sha256 !== sha256))
    damage = 'it is not what was written: its checksum does not match, so somebody edited it';
  return { header, damage, fault, sha256, bytes: size };
}

async function* readLines(file: NamedPlan): AsyncGenerator<LineBlock> {
  try {
    yield* fileLines(file.path);
  } catch (cause) {
    throw unreadablePlan(file, cause);
  }
}

const TRANSACTION = Buffer.from('{"type":"transaction",');

/** Of bytes[start..end). Throws SyntaxError for what is no JSON; undefined for what is no line of a plan. */
export function lineType(bytes: Buffer, start = 0, end = bytes.length): PlanLine['type'] | undefined {
  // Nearly all of them, and the longest.
  if (
    bytes.compare(TRANSACTION, 0, TRANSACTION.length, start, Math.min(end, start + TRANSACTION.length)) === 0
  )
    return 'transaction';
  const line = JSON.parse(bytes.toString('utf8', start, end)) as PlanLine | null;
  return line?.type;
}

/** Whether it is the end line, whose line feed alone is missing. */
function isEnd(bytes: Buffer): boolean {
  try {
    return lineType(bytes) === 'end';
  } catch {
    return false;
  }
}

/** A transaction without its changes: those were told. `unusable`: what can't be used in it. */
function parseLine(
  file: NamedPlan,
  bytes: Buffer,
  number: number,
  reader: PlanReader,
): { line: PlanLine; unusable: ReconcileError | null } {
  try {
    const type = lineType(bytes);
    if (type === 'transaction') return tellTransaction(file, bytes, number, reader);
    if (type === 'plan' || type === 'end' || type === 'table') {
      const line = JSON.parse(bytes.toString()) as PlanHeader | PlanEnd | PlanTable;
      return { line, unusable: line.type === 'table' ? faultOf(() => reader.table?.(line)) : null };
    }
  } catch (fault) {
    if (!(fault instanceof LineFault || fault instanceof SyntaxError)) throw fault;
    // The message below says it for both.
  }
  throw damagedPlan(file, `line ${number} is not a line of a plan`);
}

function tellTransaction(file: NamedPlan, bytes: Buffer, number: number, reader: PlanReader) {
  let known = true;
  const line = scanTransaction(bytes, (list, change) => {
    if (!isChange(change)) known = false;
    else if (known) reader.change?.(list, change, bytes);
  });
  const fault = (what: string) => ({ line, unusable: damagedPlan(file, `line ${number}${what}`) });
  if (!Array.isArray(line.changes)) return fault(' is a transaction without changes');
  if (!TRANSACTION_STATES.includes(line.state))
    return fault(`: transaction ${line.id} has no state that there is ("${line.state}")`);
  if (!known) return fault(`: a change of transaction ${line.id} is no insert, update or delete`);
  return { line, unusable: faultOf(() => reader.transaction?.(line, bytes)) };
}

/** What an edited line could get wrong, and what would then be taken for something else. */
function isChange({ op, beforeAt, afterAt }: ScannedChange): boolean {
  const sides = (op === 'insert' ? 0 : 1) + (op === 'delete' ? 0 : 2);
  const given = (beforeAt < 0 ? 0 : 1) + (afterAt < 0 ? 0 : 2);
  return op !== null && (given === 0 || given === sides);
}

function faultOf(tell: () => void): ReconcileError | null {
  try {
    tell();
    return null;
  } catch (fault) {
    if (fault instanceof ReconcileError) return fault;
    throw fault;
  }
}

function checkHeader(file: NamedPlan, line: PlanLine): PlanHeader {
  if (line.type !== 'plan') throw damagedPlan(file, 'its first line is not a plan header');
  if (line.version !== PLAN_VERSION) {
    throw otherPlanVersion(file, line.version);
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
  if (lacking.length > 0) throw damagedPlan(file, `its header lacks ${lacking.join(', ')}`);
  return line;
}
