// Makes an undo file of some of a plan's transactions, by copying their lines. Holds no more of it than a block of lines; a
// file that is no longer what was loaded is no source.
import { createHash } from 'node:crypto';
import { ReconcileError } from '../reconcile-error.ts';
import { fileLines } from './file-lines.ts';
import type { PlanHeader } from './plan.ts';
import { lineType, undoFile } from './plan-file.ts';
import { draftPrivateFile, type PrivateDraft } from './private-file.ts';

export interface PlanCopy {
  from: string;
  /** LoadedPlan.sha256 of `from`. */
  sha256: string;
  to: string;
  /** For hints: `--undo FILE`. */
  option: string;
  header: PlanHeader;
  /** By a transaction's number: not 0 where it is wanted. */
  wanted: Uint8Array;
}

/** What is under the name `to` stays until the draft is kept. Throws ReconcileError('input'). */
export async function copyPlan(copy: PlanCopy): Promise<PrivateDraft> {
  return draftPrivateFile(undoFile(copy.to, copy.option), copiedLines(copy));
}

/** Each chunk stays what it is until the one behind the next is asked for. */
async function* copiedLines({ from, sha256, header, wanted }: PlanCopy): AsyncGenerator<Buffer> {
  const [read, written] = [createHash('sha256'), createHash('sha256')];
  const head = Buffer.from(`${JSON.stringify(header)}\n`);
  let lines = 0;
  let transactions = 0;
  let ended = false;
  for await (const { bytes, ends, whole } of fileLines(from)) {
    const ranges = new Ranges();
    let start = 0;
    for (const end of ends) {
      const type = whole ? lineType(bytes, start, end) : 'end';
      ended = type === 'end';
      if (ended) break;
      const isHeader = type === 'plan';
      const isWanted = type !== 'transaction' || wanted[transactions++] !== 0;
      if (isWanted) lines += 1;
      if (isWanted && !isHeader) ranges.add(start, end + 1);
      start = end + 1;
      if (!isHeader) continue;
      written.update(head);
      yield head;
    }
    read.update(bytes.subarray(0, start));
    const chunk = ranges.movedTogether(bytes);
    written.update(chunk);
    yield chunk;
    if (ended) break;
  }
  if (read.digest('hex') !== sha256) {
    throw new ReconcileError('input', `${from} was changed while it was being worked with`, {
      hint: 'Run the same command again.',
    });
  }
  yield Buffer.from(`${JSON.stringify({ type: 'end', lines, sha256: written.digest('hex') })}\n`);
}

/** Parts of a buffer, in its order. Neighbours are one part: of a plan that is wanted whole nothing has to be moved. */
class Ranges {
  readonly #starts: number[] = [];
  readonly #ends: number[] = [];

  add(start: number, end: number): void {
    const last = this.#ends.length - 1;
    if (this.#ends[last] === start) this.#ends[last] = end;
    else {
      this.#starts.push(start);
      this.#ends.push(end);
    }
  }

  /** In place: what stands between them is lost. */
  movedTogether(bytes: Buffer): Buffer {
    const first = this.#starts[0] ?? 0;
    let to = first;
    for (const [i, start] of this.#starts.entries()) {
      const end = this.#ends[i]!;
      if (to !== start) bytes.copyWithin(to, start, end);
      to += end - start;
    }
    return bytes.subarray(first, to);
  }
}
