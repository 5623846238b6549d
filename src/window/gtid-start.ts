// In which file a window behind a GTID set begins: the last one before which nothing stands that the set does not hold.
// Where there is none, says which transactions are missing and where they were. Reads heads of files, never rows.
import { numberOf } from '../binlog/binlog-files.ts';
import type { LogHead } from '../binlog/file-heads.ts';
import { ReconcileError } from '../reconcile-error.ts';
import { GtidSet } from '../server/gtid-set.ts';
import { MariadbGtidPosition, parseMariadbGtid } from '../server/mariadb-gtid-position.ts';

export interface GtidStart {
  /** Oldest first, none missing at the end: what a purge or a partial copy leaves. */
  heads: readonly LogHead[];
  gtidSet: string;
  /** The server that is read live; null: files. */
  server: string | null;
  /** The file of a record, which is gone; null: the start was given as a set. */
  wanted: string | null;
}

/**
 * Goes back from the newest file, as servers do for a replica, so that files nobody needs are not even opened.
 * Throws `purged` where the oldest file begins behind something that is not in the set, `input` where no file says what it
 * begins behind.
 */
export async function fileBehindGtids(start: GtidStart): Promise<string> {
  const { heads, gtidSet } = start;
  let oldest: { file: string; before: string } | null = null;
  for (let i = heads.length - 1; i >= 0; i--) {
    const before = await heads[i]!.gtidsBefore();
    if (before === null) continue;
    if (notInSet(before, gtidSet) === null) return (await withUnnumbered(heads, i, before)).file;
    oldest = { file: heads[i]!.file, before };
  }
  // Nothing was committed in them; but they may be all that came of a copy, and the window stands in those before.
  if (oldest === null) throw tornHeads(heads[0]!.file);
  throw gone(start, oldest.file, notInSet(oldest.before, gtidSet)!);
}

/** A file that added no GTID may hold transactions without one: it is no part of what the set covers. */
async function withUnnumbered(heads: readonly LogHead[], from: number, before: string): Promise<LogHead> {
  let first = from;
  while (first > 0) {
    const earlier = await gtidsBeforeOrUnread(heads[first - 1]!);
    if (earlier !== null && earlier !== before) break;
    first -= 1;
  }
  return heads[first]!;
}

/** An encrypted file that nobody needs is no obstacle. */
async function gtidsBeforeOrUnread(head: LogHead): Promise<string | null> {
  try {
    return await head.gtidsBefore();
  } catch (error) {
    if (error instanceof ReconcileError && error.code === 'unsupported') return 'not read';
    throw error;
  }
}

/**
 * A file of the record's name must begin before the record: after RESET, or from another server, one of the same name
 * holds something else. null: it may be the one.
 */
export function begunBehindRecord(before: string, recorded: string): string | null {
  if (before === '' || isMysql(before)) return notInSet(before, recorded);
  // Where sequence numbers go back (a new primary that was behind), only the same server's can be compared.
  const position = MariadbGtidPosition.parse(recorded);
  const later = before.split(',').filter((text) => {
    const gtid = parseMariadbGtid(text);
    const known = position.at(gtid.domain);
    return known === undefined || (known.serverId === gtid.serverId && known.sequence < gtid.sequence);
  });
  return later.length === 0 ? null : later.join(', ');
}

/** What `before` holds that `gtidSet` does not, for a person; null: nothing. */
function notInSet(before: string, gtidSet: string): string | null {
  const [theirs, ours] = [before.trim(), gtidSet.trim()];
  if (theirs === '') return null;
  if (ours !== '' && isMysql(theirs) !== isMysql(ours)) {
    const [log, set] = isMysql(theirs) ? ['MySQL', 'MariaDB'] : ['MariaDB', 'MySQL'];
    throw new ReconcileError('input', `the log was written by ${log}, the GTID set ${ours} is of ${set}`, {
      hint: 'Give the GTIDs of the failed primary, or --start-position FILE:POS.',
    });
  }
  if (isMysql(theirs)) {
    const missing = GtidSet.parse(theirs).subtract(GtidSet.parse(ours));
    return missing.isEmpty ? null : missing.toString();
  }
  const [log, set] = [MariadbGtidPosition.parse(theirs), MariadbGtidPosition.parse(ours)];
  const missing = log.domains.flatMap((domain) => {
    const last = log.at(domain)!;
    if (set.covers(last)) return [];
    const known = set.at(domain);
    const from = known ? `behind ${domain}-${known.serverId}-${known.sequence}` : 'from its beginning';
    return [`domain ${domain} ${from} up to ${domain}-${last.serverId}-${last.sequence}`];
  });
  return missing.length === 0 ? null : missing.join(', ');
}

function isMysql(gtids: string): boolean {
  return gtids.includes(':');
}

function gone({ server, wanted }: GtidStart, oldest: string, missing: string): ReconcileError {
  const absent = server === null ? 'is not among the files' : `was purged from ${server}`;
  const what = wanted === null ? 'that are not in the start set' : 'that came after the record';
  const head = wanted === null ? '' : `${wanted} ${absent}, and `;
  const give = server === null ? 'give that too, with' : 'give the files, from a backup or a copy, with';
  return new ReconcileError(
    'purged',
    `${head}${oldest}, the oldest ${server === null ? 'of the files' : `on ${server}`}, begins behind transactions ${what}: ${shortened(missing)}`,
    {
      hint: `They stand in ${fileBefore(oldest)}: ${give} --binlog. To leave them out on purpose, add them to the set and give it with --start-gtid-set.`,
    },
  );
}

function tornHeads(oldest: string): ReconcileError {
  return new ReconcileError(
    'input',
    `${oldest} is torn before it says which transactions stand before it, and so is every file behind it`,
    {
      hint: `Give the files before it too, with --binlog. To begin with it all the same: --start-position ${oldest}:4.`,
    },
  );
}

function fileBefore(file: string): string {
  const parts = numberOf(file);
  if (parts === null || parts.number < 2) return 'an earlier log, or came with a backup';
  const digits = file.length - parts.stem.length - 1;
  return `${parts.stem}.${String(parts.number - 1).padStart(digits, '0')} or before`;
}

function shortened(text: string): string {
  return text.length <= 400 ? text : `${text.slice(0, 400)}…`;
}
