// Which triggers SQL statements would fire that row events do not. What they did on the failed primary is in the window
// already: fired again, they would do it twice. Reads definitions; asks nothing.
import type { WindowTransaction } from '../diff/window-rows.ts';
import type { TableDefinition } from '../server/catalogue.ts';

export interface FiringTriggers {
  /** `shop.orders: audit (AFTER UPDATE)`. */
  triggers: string[];
  /** Tables whose triggers our account may not see. */
  unknown: TableDefinition[];
}

export function firingTriggers(transactions: Iterable<WindowTransaction>): FiringTriggers {
  const events = new Map<TableDefinition, Set<string>>();
  for (const { transaction, rows } of transactions) {
    rows.forEach((row, i) => {
      if (!row) return;
      const { definition } = row.table;
      const known = events.get(definition) ?? new Set();
      events.set(definition, known.add(transaction.changes[i]!.kind.toUpperCase()));
    });
  }
  const found: FiringTriggers = { triggers: [], unknown: [] };
  for (const [definition, kinds] of events) {
    if (!definition.triggersKnown) found.unknown.push(definition);
    for (const { name, timing, event } of definition.triggers) {
      // MariaDB has triggers for several events: INSERT,UPDATE.
      if (!event.split(/\W+/).some((one) => kinds.has(one.toUpperCase()))) continue;
      found.triggers.push(`${definition.schema}.${definition.table}: ${name} (${timing} ${event})`);
    }
  }
  return found;
}
