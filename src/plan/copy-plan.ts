// Makes a plan of some of another plan's transactions, by copying their lines. Holds no more of it than a line; a file that is
// no longer what was loaded is no source.
import { createHash } from 'node:crypto';
import { ReconcileError } from '../reconcile-error.ts';
import { fileLines } from './file-lines.ts';
import type { PlanHeader } from './plan.ts';
import { lineType, planFile } from './plan-file.ts';
import { writePrivateFile } from './private-file.ts';

export interface PlanCopy {
  from: string;
  /** LoadedPlan.sha256 of `from`. */
  sha256: string;
  to: string;
  /** For hints: `--undo FILE`. */
  option: string;
  header: PlanHeader;
  /** Whether the transaction with this number is wanted. */
  wants: (transaction: number) => boolean;
}

/** Throws ReconcileError('input'); `to` is then what it was. */
export async function copyPlan(copy: PlanCopy): Promise<void> {
  await writePrivateFile(planFile(copy.to, copy.option), copiedLines(copy));
}

async function* copiedLines({ from, sha256, header, wants }: PlanCopy): AsyncGenerator<Buffer> {
  const [read, written] = [createHash('sha256'), createHash('sha256')];
  let lines = 0;
  let transactions = 0;
  for await (const some of fileLines(from)) {
    // Their memory is used again while they are still being written.
    const parts: Buffer[] = [];
    for (const { bytes, whole } of some) {
      const type = whole ? lineType(bytes) : 'end';
      if (type === 'end') break;
      read.update(bytes).update('\n');
      if (type === 'transaction' && !wants(transactions++)) continue;
      parts.push(type === 'plan' ? Buffer.from(JSON.stringify(header)) : bytes, LINE_FEED);
      lines += 1;
    }
    const chunk = Buffer.concat(parts);
    written.update(chunk);
    yield chunk;
  }
  if (read.digest('hex') !== sha256) {
    throw new ReconcileError('input', `${from} was changed while it was being worked with`, {
      hint: 'Run the same command again.',
    });
  }
  yield Buffer.from(`${JSON.stringify({ type: 'end', lines, sha256: written.digest('hex') })}\n`);
}

const LINE_FEED = Buffer.from('\n');
