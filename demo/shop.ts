// The demo's shop: its tables, and what a server's tables should hold as the application knows it. Talks to no server.

export type Value = string | number;
export type Row = readonly Value[];

export interface Table {
  columns: readonly string[];
  /** So many columns in front are the primary key. */
  key: number;
  definition: string;
}

/** Parents before children. Money is in cents. `requests` is the application's own: one row a transaction it sends. */
export const TABLES = {
  customers: {
    columns: ['id', 'name', 'address'],
    key: 1,
    definition: 'id INT PRIMARY KEY, name VARCHAR(30) NOT NULL, address VARCHAR(60) NOT NULL',
  },
  products: {
    columns: ['id', 'title', 'stock'],
    key: 1,
    definition: 'id INT PRIMARY KEY, title VARCHAR(30) NOT NULL, stock INT NOT NULL',
  },
  accounts: {
    columns: ['id', 'cents'],
    key: 1,
    definition: 'id INT PRIMARY KEY, cents BIGINT NOT NULL',
  },
  transfers: {
    columns: ['id', 'payer', 'payee', 'cents'],
    key: 1,
    definition: 'id INT PRIMARY KEY, payer INT NOT NULL, payee INT NOT NULL, cents BIGINT NOT NULL',
  },
  orders: {
    columns: ['id', 'customer_id', 'status', 'cents'],
    key: 1,
    definition:
      'id INT PRIMARY KEY, customer_id INT NOT NULL, status VARCHAR(10) NOT NULL, cents BIGINT NOT NULL, FOREIGN KEY (customer_id) REFERENCES customers (id)',
  },
  order_items: {
    columns: ['order_id', 'line', 'product_id', 'quantity'],
    key: 2,
    definition:
      'order_id INT, line INT, product_id INT NOT NULL, quantity INT NOT NULL, PRIMARY KEY (order_id, line), FOREIGN KEY (order_id) REFERENCES orders (id)',
  },
  requests: {
    columns: ['id', 'what'],
    key: 1,
    definition: 'id INT PRIMARY KEY, what VARCHAR(80) NOT NULL',
  },
} as const satisfies Record<string, Table>;

export type TableName = keyof typeof TABLES;

export interface Write {
  table: TableName;
  op: 'insert' | 'update';
  /** The whole row as it shall be. */
  row: Row;
}

/** One transaction of the application. */
export interface Transaction {
  /** Its number; the row of `requests` that goes in with it. */
  request: number;
  what: string;
  writes: Write[];
}

/** What a server's tables hold, as far as the application was told. */
export class ShopState {
  readonly #tables: Record<TableName, Map<string, Row>>;

  constructor(from?: ShopState) {
    const names = Object.keys(TABLES) as TableName[];
    const tables = names.map((name) => [name, new Map(from ? from.#tables[name] : [])]);
    this.#tables = Object.fromEntries(tables);
  }

  row(table: TableName, ...key: Value[]): Row {
    return this.#tables[table].get(key.join(' '))!;
  }

  rows(table: TableName): ReadonlyMap<string, Row> {
    return this.#tables[table];
  }

  apply({ writes }: Transaction): void {
    for (const { table, row } of writes) this.#tables[table].set(keyOf(table, row), row);
  }
}

export function keyOf(table: TableName, row: Row): string {
  return row.slice(0, TABLES[table].key).join(' ');
}

export function transaction(request: number, what: string, writes: Write[]): Transaction {
  return { request, what, writes: [...writes, { table: 'requests', op: 'insert', row: [request, what] }] };
}

export function schemaSql(): string {
  const tables = Object.entries(TABLES).map(
    ([name, { definition }]) => `CREATE TABLE shop.${name} (${definition})`,
  );
  return ['CREATE DATABASE shop', ...tables].join(';\n');
}

/** The whole transaction as one text, so that it is sent at once. */
export function transactionSql({ writes }: Transaction): string {
  return ['BEGIN', ...writes.map(writeSql), 'COMMIT'].join(';\n');
}

export function writeSql({ table, op, row }: Write): string {
  const { columns, key } = TABLES[table];
  if (op === 'insert') return `INSERT INTO shop.${table} VALUES (${row.map(literal).join(', ')})`;
  const pairs = columns.map((column, i) => `${column} = ${literal(row[i]!)}`);
  return `UPDATE shop.${table} SET ${pairs.slice(key).join(', ')} WHERE ${pairs.slice(0, key).join(' AND ')}`;
}

function literal(value: Value): string {
  return typeof value === 'number'
    ? String(value)
    : `'${value.replaceAll('\\', '\\\\').replaceAll("'", "''")}'`;
}
