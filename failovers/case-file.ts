// A failing round as text: the schema, both histories with what was refused, and what each command said. Writes nothing itself.
import { hasLogged, type Played } from './history.ts';
import type { Table } from './schema.ts';

export interface Told {
  seeding: readonly string[];
  failed: readonly Played[];
  restored: readonly Played[];
  settings: readonly string[];
  /** Commands and their answers. */
  said: readonly string[];
}

export function writeCase(seed: number, tables: readonly Table[], told: Told, error: Error): string {
  return [
    `seed ${seed}\n${error.stack}`,
    `-- schema\n${tables.flatMap(({ ddl }) => ddl).join(';\n')};`,
    `-- before the failover, on both\n${told.seeding.join(';\n')};`,
    `-- the failed primary’s session\n${told.settings.join(';\n')};`,
    `-- on the failed primary\n${told.failed.map(transaction).join('\n')}`,
    `-- on the restored primary\n${told.restored.map(transaction).join('\n')}`,
    ...told.said,
  ].join('\n\n');
}

function transaction(played: Played): string {
  const lines = played.sql.map((sql, i) => {
    const refused = played.refused.get(i);
    return `  ${sql};${refused === undefined ? '' : `  -- refused: ${refused}`}`;
  });
  const steps = played.steps.map(
    (step) => `  -- ${[...step].map(([row, n]) => `${n > 0 ? '+' : '-'} ${row}`).join('  ')}`,
  );
  const place = hasLogged(played) ? `${played.from.file}:${played.from.position}` : 'nothing logged';
  return [`-- ${place}`, 'BEGIN;', ...lines, 'COMMIT;', ...steps].join('\n');
}
