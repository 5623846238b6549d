// Children that keep a parent from being deleted, and that the restored primary has not written since the failover: the
// failed primary had them too, so its own cascade has taken them away, without a trace in its log. Changes no decision.
import { tableKey } from '../server/catalogue.ts';
import type { DecidedTransaction, Finding } from './decision.ts';
import type { ChildRow } from './footprint.ts';
import type { RestoredChanges } from './restored-changes.ts';
import { catalogueTable, type WindowTable } from './window-table.ts';

/** Asks for the children's writers; once they are known (RestoredChanges.settle), the answer puts them on the findings. */
export function watchChildren(decided: readonly DecidedTransaction[], changes: RestoredChanges): () => void {
  const tables = new Map<string, WindowTable>();
  const tableOf = ({ definition }: NonNullable<ChildRow['spread']>): WindowTable => {
    const name = tableKey(definition);
    const known = tables.get(name) ?? catalogueTable(name, definition);
    tables.set(name, known);
    return known;
  };
  const asked: Finding[] = [];
  for (const { decision } of decided) {
    if (decision.kind !== 'conflict') continue;
    for (const finding of decision.findings) {
      if (!finding.children?.some(({ spread }) => spread)) continue;
      asked.push(finding);
      for (const { spread } of finding.children) if (spread) changes.wantRow(tableOf(spread), spread.key);
    }
  }
  return () => {
    const isOld = ({ spread }: ChildRow): boolean => {
      if (!spread) return false;
      const table = tableOf(spread);
      return changes.blind(table) === null && changes.touched(table, spread.key).length === 0;
    };
    for (const finding of asked) {
      const { true: old = [], false: fresh = [] } = Object.groupBy(
        finding.children!,
        (child) => `${isOld(child)}`,
      );
      finding.children = [...fresh, ...old];
      finding.oldChildren = old.length;
    }
  };
}
