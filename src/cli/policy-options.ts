// The options that say what becomes of conflicts: of diff, the bare command and replay. Parsing only.
import { type Command, Option } from 'commander';
import type { PolicyRequest } from '../policy/load-policy.ts';
import { DECISIONS, type DecisionRule } from '../policy/policy.ts';

export interface PolicyOptions {
  policy?: string;
  onConflict?: DecisionRule;
}

export function addPolicyOptions(command: Command): Command {
  return command
    .addOption(
      new Option(
        '--on-conflict <rule>',
        'what becomes of conflicts that no rule of the policy speaks of',
      ).choices([...DECISIONS]),
    )
    .option('--policy <file>', 'rules for tables, columns and single transactions (YAML; docs/conflicts.md)');
}

export function policyRequest({ policy, onConflict }: PolicyOptions): PolicyRequest {
  return { file: policy, onConflict };
}
