// The world of a round: a bank whose failed primary made transfers, bookings, renames and deletions that the restored one
// lacks. Knows what must hold at any moment, and what must be there in the end. Breaks nothing.
import type { SandboxServer } from '../test/sandbox/index.ts';
import { pick, type Random, whole } from './random.ts';

const ACCOUNTS = 12;
const COUNTERS = 3;
/** Rows from these ids on are the customers' of the restored primary. */
export const CUSTOMER_ACCOUNTS = 1000;
export const CUSTOMER_ENTRIES = 1_000_000;
export const CUSTOMERS = 2;

export function bankSchema(name: string): string {
  const accounts = Array.from({ length: ACCOUNTS }, (_, id) => `(${id}, 'owner ${id}', 100)`);
  const theirs = Array.from(
    { length: CUSTOMERS },
    (_, i) => `(${CUSTOMER_ACCOUNTS + i}, 'customer ${i}', 0)`,
  );
  const counters = Array.from({ length: COUNTERS }, (_, id) => `(${id}, 0)`);
  return `CREATE DATABASE ${name};
    CREATE TABLE ${name}.account (id INT PRIMARY KEY, owner VARCHAR(40) NOT NULL UNIQUE, balance INT NOT NULL) ENGINE=InnoDB;
    CREATE TABLE ${name}.entry (id INT AUTO_INCREMENT PRIMARY KEY, account INT NOT NULL, amount INT NOT NULL,
      FOREIGN KEY (account) REFERENCES ${name}.account (id)) ENGINE=InnoDB;
    CREATE TABLE ${name}.counter (id INT PRIMARY KEY, n INT NOT NULL) ENGINE=InnoDB;
    CREATE TABLE ${name}.live (id INT PRIMARY KEY, who INT NOT NULL) ENGINE=InnoDB;
    INSERT INTO ${name}.account VALUES ${[...accounts, ...theirs].join(',')};
    INSERT INTO ${name}.counter VALUES ${counters.join(',')}`;
}

/** One transaction each. Every one counts, so that one that is replayed twice shows. */
export function bankTransactions(name: string, random: Random, amount: number): string[] {
  let entry = 0;
  let account = ACCOUNTS;
  return Array.from({ length: amount }, (_, i) => {
    const counted = `UPDATE ${name}.counter SET n = n + 1 WHERE id = ${whole(random, 0, COUNTERS - 1)}`;
    const [payer, payee] = [whole(random, 0, ACCOUNTS - 1), whole(random, 0, ACCOUNTS - 1)];
    const money = whole(random, 1, 50);
    switch (pick(random, ['transfer', 'transfer', 'transfer', 'rename', 'open', 'forget', 'count'])) {
      case 'transfer':
        entry += 2;
        return `UPDATE ${name}.account SET balance = balance - ${money} WHERE id = ${payer};
          UPDATE ${name}.account SET balance = balance + ${money} WHERE id = ${payee};
          INSERT INTO ${name}.entry VALUES (${entry - 1}, ${payer}, -${money}), (${entry}, ${payee}, ${money})`;
      case 'rename':
        return `UPDATE ${name}.account SET owner = 'renamed ${i}' WHERE id = ${payer}; ${counted}`;
      case 'open':
        account += 1;
        return `INSERT INTO ${name}.account VALUES (${account}, 'new ${i}', 0); ${counted}`;
      case 'forget':
        return `DELETE FROM ${name}.entry WHERE id = ${whole(random, 1, Math.max(1, entry))}; ${counted}`;
      default:
        return counted;
    }
  });
}

/** Every row but the customers', as text. */
export async function bankRows(server: SandboxServer, name: string): Promise<string[]> {
  const rows =
    await server.query(`SELECT CONCAT('account ', id, ' ', owner, ' ', balance) AS r FROM ${name}.account WHERE id < ${CUSTOMER_ACCOUNTS}
    UNION ALL SELECT CONCAT('entry ', id, ' ', account, ' ', amount) FROM ${name}.entry WHERE id < ${CUSTOMER_ENTRIES}
    UNION ALL SELECT CONCAT('counter ', id, ' ', n) FROM ${name}.counter`);
  return rows.map(({ r }) => String(r)).sort();
}

/** Holds at any moment of a replay or an undo: no transaction is half there. Throws what does not. */
export async function checkWhole(server: SandboxServer, name: string): Promise<void> {
  const [row] = await server.query(
    `SELECT SUM(balance) AS money FROM ${name}.account WHERE id < ${CUSTOMER_ACCOUNTS}`,
  );
  if (Number(row!.money) !== ACCOUNTS * 100)
    throw new Error(`half a transfer: the accounts hold ${row!.money}, not ${ACCOUNTS * 100}`);
}
