// A failing round as text: the schema, both histories with what was refused, and what each command said. Writes nothing itself.
import type { Ground } from './ground.ts';
import { hasLogged, type Played } from './history.ts';

export function writeCase(seed: number, ground: Ground, error: Error): string {
  const { tables, seeding, settings, failed, restored, said } = ground;
  return [
    `seed ${seed}\n${error.stack}`,
    `-- schema\n${tables.flatMap(({ ddl }) => ddl).join(';\n')};`,
    `-- before the failover, on both\n${seeding.join(';\n')};`,
    `-- the failed primary’s session\n${settings.join(';\n')};`,
    `-- on the failed primary\n${failed.map(transaction).join('\n')}`,
    `-- on the restored primary\n${restored.map(transaction).join('\n')}`,
    ...said,
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
