// What the statements in a log mean for their transaction: which of them open or end it, which are loud, which change
// nothing. Never parses SQL.
import { DecodeFault } from './byte-cursor.ts';
import { maskSecrets } from './mask-secrets.ts';
import type { LoggedStatement } from './query-event.ts';
import type { EventPlace } from './raw-event.ts';
import { placeText, type TransactionBorders } from './transaction-borders.ts';
import type { TransactionGroup } from './transaction-group.ts';
import { readXaDecision } from './xa-id.ts';

export function takeStatement(
  borders: TransactionBorders,
  statement: LoggedStatement,
  bytes: Buffer,
  place: EventPlace,
): void {
  const { kind, schema, sql } = statement;
  if (kind === 'commit' || kind === 'rollback') {
    end(borders, statement, bytes, place);
    return;
  }
  const group = borders.anyGroup(bytes, place);
  switch (kind) {
    case 'begin':
    case 'xa-start':
      open(group, kind === 'xa-start');
      return;
    case 'xa-prepare':
    case 'xa-complete':
      decideXa(borders, group, sql, bytes, place);
      return;
    case 'savepoint-rollback':
      group.loud('statement', maskSecrets(sql), place, schema);
      break;
    case 'ddl':
    case 'statement':
      group.loud(kind, maskSecrets(sql), place, schema);
      break;
  }
  // Outside of BEGIN a statement is its own transaction.
  if (!group.begun) borders.commit(group, bytes, place);
  else borders.givePart(group, place);
}

/** A statement that can't be read: of a transaction, or a transaction of its own. */
export function takeUnreadStatement(
  borders: TransactionBorders,
  why: string,
  bytes: Buffer,
  place: EventPlace,
): void {
  const group = borders.anyGroup(bytes, place);
  group.loud('not-read', why, place);
  if (!group.begun) borders.commit(group, bytes, place);
}

function open(group: TransactionGroup, xa: boolean): void {
  if (group.begun && !group.isEmpty)
    throw new DecodeFault(`BEGIN inside the transaction at ${placeText(group.start)}`);
  group.begun = true;
  group.xa ||= xa;
}

function end(
  borders: TransactionBorders,
  { kind, sql }: LoggedStatement,
  bytes: Buffer,
  place: EventPlace,
): void {
  const group = borders.openGroup(place, sql);
  if (kind === 'rollback' && group.hasRows) {
    group.loud('statement', 'ROLLBACK: only its rows of non-transactional tables are in the database', place);
  }
  borders.commit(group, bytes, place);
}

function decideXa(
  borders: TransactionBorders,
  group: TransactionGroup,
  sql: string,
  bytes: Buffer,
  place: EventPlace,
): void {
  const decision = readXaDecision(sql);
  if (decision !== null) {
    borders.decide(group, decision, bytes, place);
    return;
  }
  group.loud('xa', sql, place);
  borders.commit(group, bytes, place);
}
