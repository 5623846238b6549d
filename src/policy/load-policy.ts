// The policy that a command was given: a file, an option, both or none. Reads the one file; asks no server.
import { readFile, stat } from 'node:fs/promises';
import { fileReason, ReconcileError } from '../reconcile-error.ts';
import type { DecisionRule, Policy } from './policy.ts';

export interface PolicyRequest {
  /** Path of the policy file. */
  file: string | undefined;
  /** `--on-conflict`: what the file calls `default`. */
  onConflict: DecisionRule | undefined;
}

const MOST_BYTES = 1 << 20;

/** Null: everything is held, as if nobody had said anything. Throws ReconcileError('input' or 'usage'). */
export async function loadPolicy({ file, onConflict }: PolicyRequest): Promise<Policy | null> {
  const option = onConflict && { rule: onConflict, place: `--on-conflict ${onConflict}` };
  if (file === undefined) {
    if (!option || onConflict === 'hold') return null;
    return { file: null, sha256: null, default: option, tables: new Map(), decisions: new Map() };
  }
  // Loaded only here: it takes as long as reading a plan of some MB, and most commands are given no policy.
  const { parsePolicy } = await import('./parse-policy.ts');
  const policy = parsePolicy(await readPolicy(file), file);
  if (!option) return policy;
  if (policy.default.place.startsWith(`${file}:`) && policy.default.rule !== onConflict) {
    throw new ReconcileError(
      'usage',
      `${policy.default.place}: the default is ${policy.default.rule}, and --on-conflict says ${onConflict}`,
      { hint: 'Say it in one place.' },
    );
  }
  return { ...policy, default: option };
}

async function readPolicy(file: string): Promise<string> {
  try {
    const { size } = await stat(file);
    if (size > MOST_BYTES) {
      throw new ReconcileError('input', `${file} has ${size} bytes: that is no policy`, {
        hint: `A policy has at most ${MOST_BYTES}. Name another file with --policy FILE.`,
      });
    }
    return new TextDecoder('utf-8', { fatal: true }).decode(await readFile(file));
  } catch (cause) {
    if (cause instanceof ReconcileError) throw cause;
    const why = cause instanceof TypeError ? 'it is not UTF-8' : fileReason(cause);
    throw new ReconcileError('input', `${file}: the policy can't be read: ${why}`, {
      hint: 'Name it with --policy FILE; docs/conflicts.md shows one.',
      cause,
    });
  }
}
