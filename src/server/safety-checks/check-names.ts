// The names of all safety checks: what --force takes. A check that isn't in this list can't be overridden.

export const CHECKS = {
  unfenced: 'the failed primary still takes writes',
  swapped: 'failed and restored primary are the wrong way round',
  'not-recorded': 'a server is not the one in the failover record',
  'same-server': 'both names lead to one server',
  'restored-read-only': 'the restored primary is read-only',
  'restored-replicates': 'the restored primary is a replica',
  'plan-damaged': 'the plan, or undo file, is not what was written',
  'schema-changed': 'a table was altered since the plan was made',
  'cool-off': 'a failover of this cluster was recorded a short time ago',
  'written-since': 'the failed primary was written to since the plan was made',
  'journal-needed': 'a plan or an undo file may still need the journal',
  'other-cluster': "the file holds another cluster's failover record",
} as const satisfies Record<string, string>;

export type CheckName = keyof typeof CHECKS;

export function isCheckName(name: string): name is CheckName {
  return Object.hasOwn(CHECKS, name);
}
