// The plans and undo files that lie in a folder, damaged ones too: they may be replayed all the same. Judges nothing in them.
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { PlanHeader } from './plan.ts';
import { scanPlanFile } from './plan-file.ts';

/** What is no plan is passed over. */
export async function plansIn(folder: string): Promise<{ file: string; header: PlanHeader }[]> {
  const names = (await readdir(folder)).filter((name) => name.endsWith('.jsonl')).sort();
  const plans: { file: string; header: PlanHeader }[] = [];
  for (const file of names) {
    const scanned = await scanPlanFile(join(folder, file)).catch(() => null);
    if (scanned) plans.push({ file, header: scanned.header });
  }
  return plans;
}
