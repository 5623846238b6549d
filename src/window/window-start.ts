// Settles where the window begins: at given coordinates, behind a GTID set, at the record's, or inferred from what the
// restored primary has executed. Asks nobody.

import { ReconcileError } from '../reconcile-error.ts';
import type { FailoverRecord } from '../record/failover-record.ts';
import { gtidPredicate } from './gtid-predicate.ts';
import { parsePosition } from './log-position.ts';
import type { WindowStart } from './window-request.ts';

export interface StartFacts {
  /** As given on the command line. */
  request: { startPosition: string | undefined; startGtidSet: string | undefined };
  record: FailoverRecord | null;
  /** The restored primary's executed set; null: GTIDs are off. */
  executed: string | null;
  flavor: 'mysql' | 'mariadb';
}

export function windowStart({ request, record, executed, flavor }: StartFacts): WindowStart {
  const { startPosition, startGtidSet } = request;
  if (startPosition !== undefined && startGtidSet !== undefined) {
    throw new ReconcileError('usage', '--start-position and --start-gtid-set are two starts', {
      hint: 'Give one of them.',
    });
  }
  if (startPosition !== undefined) {
    return { kind: 'position', ...parsePosition(startPosition, '--start-position'), gtidSet: null };
  }
  if (startGtidSet !== undefined) {
    gtidPredicate(startGtidSet);
    return { kind: 'gtids', gtidSet: startGtidSet };
  }
  if (record) return { kind: 'position', ...record.new.coordinates };
  if (flavor === 'mysql' && executed !== null) return { kind: 'gtids', gtidSet: executed };
  const why =
    flavor === 'mariadb' ? 'MariaDB’s GTID positions do not tell which server wrote what' : 'GTIDs are off';
  throw new ReconcileError('usage', `where the window begins can't be inferred: ${why}`, {
    hint: 'Give --record FILE, or --start-position FILE:POS of the failed primary at the failover.',
  });
}
