// Says in our words what commander found wrong with a command line. Never prints.
import type { Command, CommanderError } from 'commander';
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
  const near = names
    .map((name) => ({ name, distance: editDistance(word.toLowerCase(), name) }))
    .filter(({ name, distance }) => distance <= Math.max(1, Math.floor(name.length / 3)))
    .sort((a, b) => a.distance - b.distance)[0];
  return new ReconcileError('usage', `unknown command ${JSON.stringify(word)}`, {
    hint: near ? `Did you mean ${near.name}?` : `The commands are: ${names.join(', ')}.`,
  });
}

function editDistance(from: string, to: string): number {
  let row = Array.from({ length: to.length + 1 }, (_, i) => i);
  for (let i = 1; i <= from.length; i++) {
    const next = [i];
    for (let j = 1; j <= to.length; j++) {
      const replaced = row[j - 1]! + (from[i - 1] === to[j - 1] ? 0 : 1);
      next.push(Math.min(replaced, row[j]! + 1, next[j - 1]! + 1));
    }
    row = next;
  }
  return row[to.length]!;
}
