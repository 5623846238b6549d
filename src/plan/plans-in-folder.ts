// The plans and undo files that lie in a folder, whole ones only. Judges nothing in them.
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { PlanHeader } from './plan.ts';
import { verifyPlanFile } from './plan-file.ts';

/** What is no plan, or a damaged one that nothing replays, is passed over. */
export async function plansIn(folder: string): Promise<{ file: string; header: PlanHeader }[]> {
  const names = (await readdir(folder)).filter((name) => name.endsWith('.jsonl')).sort();
  const plans: { file: string; header: PlanHeader }[] = [];
  for (const file of names) {
    const header = await verifyPlanFile(join(folder, file)).catch(() => null);
    if (header) plans.push({ file, header });
  }
  return plans;
}
