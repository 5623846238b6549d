// What all commands have in common around their own work: output, interrupts, errors, the exit code.
import type { Command } from 'commander';
import { ReconcileError } from '../reconcile-error.ts';
import { type CommonOptions, type ForceOptions, forcedChecks, outputOptions } from './common-options.ts';
import { type ExitCode, errorExitCode } from './exit-code.ts';
import { interruptedError, watchInterrupts } from './interrupt.ts';
import { createOutput, type Output } from './output.ts';

export interface CommandContext<Options> {
  options: Options;
  output: Output;
  signal: AbortSignal;
  force: ReadonlySet<string>;
}

/** Runs one command's work and sets the process's exit code. Never throws. */
export async function perform<Options extends object>(
  command: Command,
  work: (context: CommandContext<Options>) => Promise<ExitCode>,
): Promise<void> {
  const options = givenOptions<Options & CommonOptions & ForceOptions>(command);
  const output = createOutput(
    outputOptions(options, process.env, process.stdout),
    process.stdout,
    process.stderr,
  );
  const interrupt = watchInterrupts((text) => output.warn(text));
  try {
    process.exitCode = await work({
      options,
      output,
      signal: interrupt.signal,
      force: forcedChecks(options),
    });
  } catch (thrown) {
    const error = interrupt.signal.aborted ? asInterrupted(thrown) : asReconcileError(thrown);
    output.error(error);
    process.exitCode = errorExitCode(error.code);
  } finally {
    output.progress.clear();
    interrupt.release();
  }
}

export function asReconcileError(thrown: unknown): ReconcileError {
  if (thrown instanceof ReconcileError) return thrown;
  const message = thrown instanceof Error ? thrown.message : String(thrown);
  const error = new ReconcileError('internal', `internal error: ${message}`, {
    hint: 'This is a fault of reconcile. Run it again with RECONCILE_DEBUG=1 and report what it prints.',
    cause: thrown,
  });
  if (thrown instanceof Error && thrown.stack) error.stack = thrown.stack;
  return error;
}

/** After Ctrl-C any error is its consequence: a statement cut short, an aborted wait. What was done stays said. */
function asInterrupted(thrown: unknown): ReconcileError {
  if (thrown instanceof ReconcileError && thrown.code === 'interrupted') return thrown;
  const error = interruptedError();
  return new ReconcileError('interrupted', error.message, { hint: error.hint ?? '', cause: thrown });
}

/** A command's options, with those that stand before its name (`reconcile --json diff`). */
function givenOptions<Options>(command: Command): Options {
  const options: Record<string, unknown> = { ...command.opts() };
  for (let parent = command.parent; parent; parent = parent.parent) {
    for (const [name, value] of Object.entries(parent.opts())) {
      const here = command.getOptionValueSource(name);
      if (parent.getOptionValueSource(name) === 'cli' && here !== 'cli') options[name] = value;
    }
  }
  return options as Options;
}
