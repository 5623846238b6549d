// The bare `reconcile`: the whole dry run from the failover record. Reads only.
import type { Command } from 'commander';
import { ReconcileError } from '../reconcile-error.ts';
import { addDiffOptions, type DiffOptions, runDiff } from './diff-command.ts';
import { startIsGiven } from './log-options.ts';
import { perform } from './perform.ts';
import { DEFAULT_RECORD, recordPath } from './server-options.ts';
import { unknownCommand } from './usage-error.ts';

export function addDryRun(program: Command): void {
  addDiffOptions(program);
  // Not read: a word here is a misspelt command, and is told so.
  program.argument('[command]').allowExcessArguments().usage('[command] [options]');
  program.action(() =>
    perform<DiffOptions>(program, async (context) => {
      const word = program.args[0];
      if (word !== undefined) throw unknownCommand(word, program);
      const { options } = context;
      const start = startIsGiven(options) || (options.failed !== undefined && options.restored !== undefined);
      if (!start && recordPath(options.record) === undefined) {
        throw new ReconcileError('usage', `there is no failover record ./${DEFAULT_RECORD}`, {
          hint: 'Name it with --record FILE; or begin without one: reconcile diff --help. Next time: reconcile record --help.',
        });
      }
      return runDiff(context);
    }),
  );
}
