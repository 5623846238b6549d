// Says in our words what commander found wrong with a command line. Never prints.
import type { Command, CommanderError } from 'commander';
import { meant } from '../policy/nearest-name.ts';
import { ReconcileError } from '../reconcile-error.ts';

/** One line, and a way out: the likely name, else the help to read. */
export function usageError(error: CommanderError, command: string): ReconcileError {
  const [first = '', ...rest] = error.message.replace(/^error: /, '').split('\n');
  const suggestion = rest
    .join(' ')
    .trim()
    .replace(/^\((.*)\)$/, '$1');
  const help = `See reconcile ${command === '' ? '' : `${command} `}--help.`;
  return new ReconcileError('usage', first, {
    hint: suggestion === '' ? help : `${suggestion} ${help}`,
    cause: error,
  });
}

export function unknownCommand(word: string, program: Command): ReconcileError {
  const names = program.commands.map((command) => command.name()).filter((name) => name !== 'help');
  return new ReconcileError('usage', `unknown command ${JSON.stringify(word)}`, {
    hint: meant(word, names, 'The commands are'),
  });
}
