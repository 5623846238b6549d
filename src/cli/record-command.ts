// `reconcile record`: at the moment of failover. Reads both servers, writes one file.
import type { Command } from 'commander';
import { checkEarlierRecord, saveRecord } from '../record/save-record.ts';
import { takeRecord } from '../record/take-record.ts';
import { connectServer, type Server } from '../server/connection.ts';
import {
  addCommonOptions,
  addConnectionOptions,
  addForceOption,
  type ConnectionSettings,
} from './common-options.ts';
import { parseDuration } from './duration.ts';
import type { ExitCode } from './exit-code.ts';
import { paragraphs } from './help-text.ts';
import { unlessInterrupted } from './interrupt.ts';
import { type CommandContext, perform } from './perform.ts';
import { chooseServers, DEFAULT_RECORD } from './server-options.ts';

interface RecordOptions extends ConnectionSettings {
  old?: string;
  new?: string;
  out: string;
  cluster?: string;
  coolOff: string;
}

export function addRecordCommand(program: Command): void {
  const command = program
    .command('record')
    .summary('at the moment of failover: write down where both servers stand')
    .description(
      paragraphs(`Writes the failover record: coordinates, GTID sets and identity of both primaries. Put it into the failover
procedure after the old primary is fenced and the new one has caught up, before the new one takes writes.
Writes to no server. Refuses (exit 4) within the cool-off of an earlier record for the same cluster.`),
    )
    .option(
      '--old <server>',
      'the primary that gives up its role: mysql://user@host:3306, host[:port], mysql:///?socket=/path',
    )
    .option('--new <server>', 'the primary that takes over')
    .option(
      '--out <file>',
      'the record; an earlier one of the same cluster is kept beside it',
      DEFAULT_RECORD,
    )
    .option('--cluster <name>', 'the name of the cluster')
    .option('--cool-off <duration>', 'refuse a second failover of the cluster within this time', '10m');
  addForceOption(addCommonOptions(addConnectionOptions(command))).addHelpText(
    'after',
    `
Examples:
  reconcile record --old db1 --new db2 --cluster shop --out /srv/shop.json
  reconcile record --old mysql://ops@db1 --new mysql://ops@db2:3307`,
  );
  command.action(() => perform(command, runRecord));
}

async function runRecord({
  options,
  output,
  signal,
  force,
}: CommandContext<RecordOptions>): Promise<ExitCode> {
  const cluster = options.cluster ?? null;
  const save = {
    path: options.out,
    coolOff: parseDuration(options.coolOff, '--cool-off'),
    now: new Date(),
    force,
  };
  // Before any server is asked: a failover hook has to stop at once, whatever state the servers are in.
  await checkEarlierRecord({ cluster }, save);
  const choices = await chooseServers(
    [
      { role: 'old', given: options.old, required: true },
      { role: 'new', given: options.new, required: true },
    ],
    options,
    undefined,
  );
  const servers: Server[] = [];
  try {
    output.progress.step('asking both servers');
    const connect = async (choice: typeof choices.old): Promise<Server> => {
      const server = await connectServer(choice!);
      servers.push(server);
      return server;
    };
    const connected = Promise.all([connect(choices.old), connect(choices.new)]);
    const [oldServer, newServer] = await unlessInterrupted(connected, signal);
    const taking = takeRecord({ old: oldServer, new: newServer, cluster, now: save.now, force });
    const { record, warnings } = await unlessInterrupted(taking, signal);
    const kept = await saveRecord(record, save);
    for (const warning of warnings) output.warn(warning);
    output.document({ version: 1, out: options.out, kept, warnings, record });
    const { coordinates } = record.new;
    output.text(
      [
        `recorded ${options.out}: ${record.new.host}:${record.new.port} takes over from ${record.old.host}:${record.old.port}`,
        `  its writes begin after ${coordinates.file}:${coordinates.position}${coordinates.gtidSet ? `, GTIDs ${coordinates.gtidSet}` : ''}`,
        ...(kept === null ? [] : [`  the earlier record is kept as ${kept}`]),
      ].join('\n'),
    );
    return 0;
  } finally {
    await Promise.all(servers.map((server) => server.close()));
  }
}
