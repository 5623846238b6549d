// What a report says, read from a plan file: the header, and every transaction that a person has to look at.
import type { PlanConflict, PlanHeader, PlanLine } from '../plan/plan.ts';
import { readWholePlan } from '../plan/plan-file.ts';
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
  const collector = new ReportCollector();
  const header = await readWholePlan(plan, { transaction: (line) => collector.take(line) });
  return collector.data(plan, header);
}

/** Picks the report out of a plan's lines as they go by: what has just been written need not be read again. */
export class ReportCollector {
  #header: PlanHeader | null = null;
  readonly #conflicts: PlanConflict[] = [];
  readonly #held: ReportData['held'] = [];
  readonly #unsupported: ReportData['unsupported'] = [];
  readonly #resolutions: ReportData['resolutions'] = [];

  *watch(lines: Iterable<PlanLine>): Generator<PlanLine> {
    for (const line of lines) {
      this.take(line);
      yield line;
    }
  }

  take(line: PlanLine): void {
    if (line.type === 'plan') this.#header = line;
    if (line.type !== 'transaction') return;
    const { id, conflicts, heldBy, unsupported, resolutions = [] } = line;
    if (conflicts) this.#conflicts.push(...conflicts);
    for (const one of resolutions) this.#resolutions.push({ transaction: id, ...one });
    if (heldBy) this.#held.push({ transaction: id, by: heldBy.transaction, because: heldBy.because });
    if (unsupported) this.#unsupported.push({ transaction: id, reasons: unsupported });
  }

  data(plan: string, header: PlanHeader | null = this.#header): ReportData {
    if (!header) throw new Error('a plan without its header');
    return {
      plan,
      header,
      conflicts: this.#conflicts,
      held: this.#held,
      unsupported: this.#unsupported,
      resolutions: this.#resolutions,
    };
  }
}
