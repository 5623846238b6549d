// The options that say which part of which log is read: of diff, inspect and the bare command.
import type { Command } from 'commander';
import { ReconcileError } from '../reconcile-error.ts';
import type { LogRequest } from '../requests.ts';
import { type ConnectionSettings, collect, collectList } from './common-options.ts';
import { parseDateTime } from './duration.ts';

export interface LogOptions extends ConnectionSettings {
  record?: string;
  failed?: string;
  binlog?: string[];
  startPosition?: string;
  startGtidSet?: string;
  stopPosition?: string;
  stopDatetime?: string;
  tables?: string[];
  ignoreTables?: string[];
}

export function addLogOptions(
  command: Command,
  record = 'the failover record (./failover.json where it is there)',
): Command {
  return command
    .option('--record <file>', record)
    .option(
      '--failed <server>',
      'the failed primary: mysql://user@host:3306, host[:port], mysql:///?socket=/path',
    )
    .option(
      '--binlog <path>',
      "the failed primary's binlog file or directory, instead of the server; repeatable",
      collect,
    )
    .option('--start-position <file:pos>', 'begin there instead of at the record')
    .option('--start-gtid-set <set>', 'begin after these transactions instead of at the record')
    .option('--stop-position <file:pos>', 'read no further')
    .option('--stop-datetime <time>', 'read no transaction committed later (UTC, or with an offset)')
    .option('--tables <db.table,…>', 'only transactions that touch these tables', collectList)
    .option('--ignore-tables <db.table,…>', 'not these tables', collectList);
}

type LogPart = Omit<LogRequest, 'record' | 'failed' | 'force' | 'signal' | 'progress'>;

/** All faults of these options together. Throws ReconcileError('usage'). */
export function logRequest(options: LogOptions): LogPart {
  const faults: string[] = [];
  for (const [name, value] of [
    ['--start-position', options.startPosition],
    ['--stop-position', options.stopPosition],
  ] as const) {
    if (value !== undefined && !/^.+:\d+$/.test(value))
      faults.push(`${name}: ${JSON.stringify(value)} is not FILE:POSITION`);
  }
  if (options.startPosition !== undefined && options.startGtidSet !== undefined) {
    faults.push('--start-position and --start-gtid-set both say where to begin: give one');
  }
  if (options.failed !== undefined && options.binlog) {
    faults.push('--failed and --binlog both say what to read: give one');
  }
  for (const [name, tables] of [
    ['--tables', options.tables],
    ['--ignore-tables', options.ignoreTables],
  ] as const) {
    for (const table of tables ?? []) {
      if (!/^[^.]+\..+$/s.test(table)) faults.push(`${name}: ${JSON.stringify(table)} is not DATABASE.TABLE`);
    }
  }
  let stopDatetime: number | undefined;
  let hint: string | undefined;
  try {
    if (options.stopDatetime !== undefined)
      stopDatetime = parseDateTime(options.stopDatetime, '--stop-datetime');
  } catch (error) {
    faults.push((error as ReconcileError).message);
    hint = (error as ReconcileError).hint;
  }
  if (faults.length > 0)
    throw new ReconcileError('usage', faults.join('\n'), hint === undefined ? {} : { hint });
  return {
    binlog: options.binlog ?? [],
    startPosition: options.startPosition,
    startGtidSet: options.startGtidSet,
    stopPosition: options.stopPosition,
    stopDatetime,
    tables: options.tables ?? [],
    ignoreTables: options.ignoreTables ?? [],
  };
}

export function startIsGiven(options: LogOptions): boolean {
  return options.startPosition !== undefined || options.startGtidSet !== undefined;
}
