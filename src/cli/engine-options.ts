// The --engine and --allow-triggers options of replay and undo.
import { type Command, Option } from 'commander';
import type { EngineName } from '../replay/write-engine.ts';

export interface EngineOptions {
  engine?: EngineName;
  allowTriggers?: boolean;
}

export function addEngineOptions(command: Command): void {
  command
    .addOption(
      new Option(
        '--engine <name>',
        'how rows are written (else row-events, or sql where the account may not apply row events)',
      ).choices(['row-events', 'sql']),
    )
    .option(
      '--allow-triggers',
      'write to tables whose triggers that fires (SQL, or slave_run_triggers_for_rbr)',
    );
}
