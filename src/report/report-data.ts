// What a report says, read from a plan file: the header, and every transaction that a person has to look at.
import type { PlanConflict, PlanHeader } from '../plan/plan.ts';
import { planEntries, verifyPlanFile } from '../plan/plan-file.ts';
import type { ShownResolution } from './resolution-lines.ts';

export interface ReportData {
  plan: string;
  header: PlanHeader;
  conflicts: PlanConflict[];
  held: { transaction: string; by: string; because: string }[];
  unsupported: { transaction: string; reasons: string[] }[];
  /** What a policy decided, row by row. */
  resolutions: ShownResolution[];
}

/** Checks the plan's checksum first. Throws ReconcileError('input'). */
export async function readReport(plan: string): Promise<ReportData> {
  const header = await verifyPlanFile(plan);
  const data: ReportData = { plan, header, conflicts: [], held: [], unsupported: [], resolutions: [] };
  for await (const entry of planEntries(plan)) {
    if (entry.type !== 'transaction') continue;
    if (entry.conflicts) data.conflicts.push(...entry.conflicts);
    for (const one of entry.resolutions ?? []) data.resolutions.push({ transaction: entry.id, ...one });
    if (entry.heldBy) {
      data.held.push({ transaction: entry.id, by: entry.heldBy.transaction, because: entry.heldBy.because });
    }
    if (entry.unsupported) data.unsupported.push({ transaction: entry.id, reasons: entry.unsupported });
  }
  return data;
}
