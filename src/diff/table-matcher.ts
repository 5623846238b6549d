// Which of the restored primary's tables each table of the log is. Asks no server.
import type { TableMap } from '../binlog/table-map.ts';
import type { Undecoded } from '../binlog/transaction.ts';
import { tableName } from '../plan/window-counts.ts';
import type { TableDefinition } from '../server/catalogue.ts';
import { statementReach } from './statement-reach.ts';
import { type MatchedTable, matchTable, type WindowTable } from './window-table.ts';

const TABLE_ID_AND_FLAGS = 8;

/** The log's table maps, each matched once. */
export class TableMatcher {
  readonly #catalogue: ReadonlyMap<string, TableDefinition>;
  readonly #charsetOf: (collationId: number) => string | undefined;
  readonly #altered: ReadonlySet<string>;
  readonly #byMap = new Map<TableMap, MatchedTable>();
  readonly #byContent = new Map<string, MatchedTable>();

  constructor(
    catalogue: ReadonlyMap<string, TableDefinition>,
    charsetOf: (collationId: number) => string | undefined,
    altered: ReadonlySet<string>,
  ) {
    this.#catalogue = catalogue;
    this.#charsetOf = charsetOf;
    this.#altered = altered;
  }

  get matched(): ReadonlySet<WindowTable> {
    const found = new Set<WindowTable>();
    for (const one of this.#byMap.values()) if (one.kind === 'table') found.add(one.table);
    return found;
  }

  /** Which tables a statement of the log can have changed; '*': every one. */
  reachOf(statement: Undecoded): string[] {
    return statementReach(statement, this.#catalogue);
  }

  match(map: TableMap): MatchedTable {
    let found = this.#byMap.get(map);
    if (!found) {
      // Every transaction brings its own table map; but for the table id and flags in front they are the same bytes.
      // One brought into another order has its names beside the body.
      const content = `${map.hasNames} ${map.body.toString('latin1', TABLE_ID_AND_FLAGS)}`;
      found = this.#byContent.get(content) ?? this.#matchNew(map);
      this.#byMap.set(map, found);
      this.#byContent.set(content, found);
    }
    return found;
  }

  #matchNew(map: TableMap): MatchedTable {
    const name = tableName(map);
    // Without names in the log, columns of one type that changed places would be taken for each other.
    if (!map.hasNames && this.#altered.has(name)) {
      return {
        kind: 'differs',
        why: `${name} was altered on the restored primary after the failover, and the log has no column names (binlog_row_metadata=FULL) to tell its columns by`,
      };
    }
    return matchTable(map, this.#catalogue.get(name), this.#charsetOf);
  }
}
