// The settings of a server that decide what its binary log can tell. Reads them; judges nothing.
import type { Server } from './connection.ts';
import { globalVariables } from './variables.ts';

/** Undefined: the server doesn't have the setting. */
export interface ServerSettings {
  logBin: boolean | undefined;
  binlogFormat: string | undefined;
  binlogRowImage: string | undefined;
  binlogRowMetadata: string | undefined;
  binlogChecksum: string | undefined;
  binlogRowValueOptions: string | undefined;
  binlogTransactionCompression: boolean | undefined;
  /** MariaDB's log_bin_compress. */
  logBinCompress: boolean | undefined;
  binlogEncryption: boolean | undefined;
  syncBinlog: number | undefined;
  innodbFlushLogAtTrxCommit: number | undefined;
  readOnly: boolean | undefined;
  superReadOnly: boolean | undefined;
  gtidMode: string | undefined;
  enforceGtidConsistency: string | undefined;
  gtidStrictMode: boolean | undefined;
  gtidDomainId: number | undefined;
  logReplicaUpdates: boolean | undefined;
  /** How long binlogs are kept; 0: for ever. */
  binlogExpireSeconds: number | undefined;
  lowerCaseTableNames: number | undefined;
  maxAllowedPacket: number | undefined;
  /** 9.6 and later: OFF means that cascades reach the binlog. */
  innodbNativeForeignKeys: boolean | undefined;
  eventScheduler: string | undefined;
  timeZone: string | undefined;
}

const NAMES = [
  'log_bin',
  'binlog_format',
  'binlog_row_image',
  'binlog_row_metadata',
  'binlog_checksum',
  'binlog_row_value_options',
  'binlog_transaction_compression',
  'log_bin_compress',
  'binlog_encryption',
  'encrypt_binlog',
  'sync_binlog',
  'innodb_flush_log_at_trx_commit',
  'read_only',
  'super_read_only',
  'gtid_mode',
  'enforce_gtid_consistency',
  'gtid_strict_mode',
  'gtid_domain_id',
  'log_replica_updates',
  'log_slave_updates',
  'binlog_expire_logs_seconds',
  'expire_logs_days',
  'lower_case_table_names',
  'max_allowed_packet',
  'innodb_native_foreign_keys',
  'event_scheduler',
  'time_zone',
];

export async function readSettings(server: Server): Promise<ServerSettings> {
  const variables = await globalVariables(server, NAMES);
  const text = (name: string): string | undefined => variables.get(name);
  const number = (name: string): number | undefined => {
    const value = variables.get(name);
    return value === undefined ? undefined : Number(value);
  };
  // MariaDB 12's read_only has more values than ON: all of them but OFF fence.
  const flag = (name: string): boolean | undefined => {
    const value = variables.get(name);
    return value === undefined ? undefined : !/^(off|0|no|)$/i.test(value);
  };
  return {
    logBin: flag('log_bin'),
    binlogFormat: text('binlog_format'),
    binlogRowImage: text('binlog_row_image'),
    binlogRowMetadata: text('binlog_row_metadata'),
    binlogChecksum: text('binlog_checksum'),
    binlogRowValueOptions: text('binlog_row_value_options'),
    binlogTransactionCompression: flag('binlog_transaction_compression'),
    logBinCompress: flag('log_bin_compress'),
    binlogEncryption: flag('binlog_encryption') ?? flag('encrypt_binlog'),
    syncBinlog: number('sync_binlog'),
    innodbFlushLogAtTrxCommit: number('innodb_flush_log_at_trx_commit'),
    readOnly: flag('read_only'),
    superReadOnly: flag('super_read_only'),
    gtidMode: text('gtid_mode'),
    enforceGtidConsistency: text('enforce_gtid_consistency'),
    gtidStrictMode: flag('gtid_strict_mode'),
    gtidDomainId: number('gtid_domain_id'),
    logReplicaUpdates: flag('log_replica_updates') ?? flag('log_slave_updates'),
    binlogExpireSeconds: expireSeconds(number('binlog_expire_logs_seconds'), number('expire_logs_days')),
    lowerCaseTableNames: number('lower_case_table_names'),
    maxAllowedPacket: number('max_allowed_packet'),
    innodbNativeForeignKeys: flag('innodb_native_foreign_keys'),
    eventScheduler: text('event_scheduler'),
    timeZone: text('time_zone'),
  };
}

/** Servers that have both use whichever is set. */
function expireSeconds(seconds: number | undefined, days: number | undefined): number | undefined {
  if (seconds === undefined && days === undefined) return undefined;
  return seconds || (days ?? 0) * 86400;
}
