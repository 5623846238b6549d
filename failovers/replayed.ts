// Which transactions the restored primary itself knows as replayed: by its executed GTIDs, or by the journal. Plain SQL; reads no
// plan's word for it.
import type { Matched } from './judge.ts';
import type { Servers } from './servers.ts';

/** The restored primary's executed GTIDs; empty where it has none that a replay keeps. */
export async function executedSet({ mode, restored }: Servers): Promise<string> {
  if (mode !== 'mysql-gtid') return '';
  const [row] = await restored.query('SELECT @@GLOBAL.gtid_executed AS gtids');
  return String(row!.gtids);
}

export async function replayedOf(servers: Servers, list: readonly Matched[]): Promise<Matched[]> {
  const { mode, restored } = servers;
  if (mode === 'mysql-gtid') {
    const executed = await Promise.all(
      list.map(({ planned }) =>
        restored.query('SELECT GTID_SUBSET(?, @@GLOBAL.gtid_executed) AS done', [planned.id]),
      ),
    );
    return list.filter((_, i) => Number(executed[i]![0]!.done) === 1);
  }
  const rows = await restored
    .query("SELECT CAST(transaction_id AS CHAR) AS id FROM reconcile.journal WHERE state = 'applied'")
    // Nothing was ever replayed there.
    .catch(() => []);
  return list.filter(({ planned }) => rows.some(({ id }) => String(id).split(' ')[0] === planned.id));
}

/** Of the failed primary's GTIDs the restored one has those of the written transactions more, and no other. */
export async function proveGtids(
  { mode, restored, failed }: Servers,
  before: string,
  written: readonly Matched[],
): Promise<void> {
  if (mode !== 'mysql-gtid') return;
  const [uuid] = await failed.query('SELECT @@server_uuid AS uuid');
  const wanted = written.map(({ planned }) => planned.id).join(',');
  const [row] = await restored.query(
    'SELECT GTID_SUBTRACT(GTID_SUBTRACT(@@GLOBAL.gtid_executed, ?), ?) AS more, GTID_SUBTRACT(?, @@GLOBAL.gtid_executed) AS lacking',
    [before, wanted, wanted],
  );
  if (String(row!.more).includes(String(uuid!.uuid)) || row!.lacking !== '')
    throw new Error(`GTIDs: ${JSON.stringify(row)}`);
}
