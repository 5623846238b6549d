// What the restored primary does after the failover: writes of its own, and the application's second tries of what the failed
// primary had taken: as they were, in half, or under other ids.
import { pick, whole } from '../chaos/random.ts';
import { type Played, play, playRandom, type Stage } from './history.ts';
import { type Rows, rowsOf } from './rows.ts';

export async function playOnRestored(stage: Stage, rows: Rows, failed: readonly Played[]): Promise<Played> {
  const { random } = stage;
  const one = pick(
    random,
    failed.filter(({ kind }) => kind === 'rows'),
  );
  const kind = one ? random() : 0;
  if (kind < 0.4 || !one) return playRandom(stage, rows, 0);
  if (kind < 0.6) return play(stage, rows, () => one.sql);
  if (kind < 0.75) return play(stage, rows, () => one.sql.map(otherIds));
  if (kind < 0.85) return play(stage, rows, () => one.sql.slice(0, Math.ceil(one.sql.length / 2)));
  if (kind < 0.95) return play(stage, rows, (there) => [deleteOfParent(stage, there())]);
  return play(stage, rows, () => [`UPDATE ${stage.schema}.${pick(random, stage.tables).name} SET n = n`]);
}

/** The id that an insert names is another one; where it names none, the server gives one anyway. */
function otherIds(sql: string): string {
  return sql
    .replace(/ \(id, /, ' (id, ')
    .replace(/VALUES \((\d+), /, (_, id) => `VALUES (${Number(id) + 500}, `);
}

function deleteOfParent({ random, schema, tables }: Stage, rows: Rows): string {
  const parents = tables.filter(({ name }) =>
    tables.some(({ references }) => references.some(({ table }) => table === name)),
  );
  const table = pick(random, parents.length > 0 ? parents : tables);
  const all = rowsOf(rows, table.name);
  const row = all[whole(random, 0, all.length)];
  if (!row || table.key.length === 0) return `DELETE FROM ${schema}.${table.name} WHERE n < 10`;
  const at = (name: string): number => table.columns.findIndex((column) => column.name === name);
  return `DELETE FROM ${schema}.${table.name} WHERE ${table.key.map((name) => `${name} = ${row[at(name)]}`).join(' AND ')}`;
}
