// Loads a plan: checks the file, and gives its transactions back as the decoder once gave them. Trusts only what the
// checksum and the row format vouch for.
import type { KeptTransactions } from '../binlog/kept-transactions.ts';
import type { PlanHeader, PlanTable } from './plan.ts';
import { damagedPlan, type NamedPlan } from './plan-faults.ts';
import { scanPlanFile } from './plan-file.ts';
import { type PlannedTransaction, PlannedWindow } from './planned-window.ts';

export type { PlannedTransaction } from './planned-window.ts';

export interface LoadedPlan {
  header: PlanHeader;
  tables: PlanTable[];
  transactions: PlannedTransaction[];
  /** Who keeps the changes of their `transaction`s. */
  written: KeptTransactions;
  /** SHA-256 of the lines that were read, by which a copy of them is known to be one. */
  sha256: string;
  /** How long they are. */
  bytes: number;
  /** Gives the disk's room back, if some was taken: no row can be read after. */
  close(): void;
}

/**
 * `accept` throws where a plan that is not what was written may not be used; it returns what is said of it from then on, in
 * this plan and in what is made of it. Without it a damaged plan is a ReconcileError('input').
 */
export async function loadPlan(
  path: string,
  accept?: (damage: string) => string,
  kind: NamedPlan['kind'] = 'plan',
): Promise<LoadedPlan> {
  const window = new PlannedWindow(path, {}, kind);
  try {
    const { header, damage, fault, sha256, bytes } = await scanPlanFile(path, window, kind);
    const warnings = [...header.warnings];
    if (damage !== null) {
      if (!accept) throw damagedPlan({ path, kind }, damage);
      warnings.push(accept(damage));
    }
    // Told after the damage, of which it may be a part.
    if (fault !== null) throw fault;
    const { tables, transactions, written } = window;
    return {
      ...{ header: { ...header, warnings }, tables, transactions, written, sha256, bytes },
      close: () => window.close(),
    };
  } catch (error) {
    window.close();
    throw error;
  }
}
