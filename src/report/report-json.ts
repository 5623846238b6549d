// The plan for a program: the document of `diff --json` and `report --format json`. Names and shapes are the contract's.
import type { PlanHeader } from '../plan/plan.ts';
import type { ReportData } from './report-data.ts';

export function diffDocument(
  { plan, header, conflicts, held, unsupported, resolutions }: ReportData,
  { record, source }: { record?: string | null; source?: 'live' | 'files' } = {},
): Record<string, unknown> {
  const { version, failed, restored, window, transactions, changes, tables, account, warnings, cluster } =
    header;
  return {
    version,
    ...(record === undefined ? {} : { record }),
    cluster,
    failed: { ...failed, ...(source === undefined ? {} : { source }) },
    restored,
    window,
    transactions,
    changes,
    tables,
    conflicts,
    held,
    unsupported,
    ...(header.policy ? { policy: header.policy, resolutions } : {}),
    account,
    warnings,
    plan,
  };
}

/** 0 converged, 2 missing and all replayable, 3 a person is needed. */
export function diffExitCode({ transactions, account }: PlanHeader): 0 | 2 | 3 {
  const { conflict, held, unsupported, missing } = transactions;
  if (conflict + held + unsupported > 0 || !account.closes) return 3;
  return missing > 0 ? 2 : 0;
}
