// The windows that `npm run bench -- replay` replays: what both servers have before, and what the failed primary then
// writes. Never measures.

export interface ReplayWindow {
  about: string;
  transactions: number;
  /** On both servers, in neither's log. In the schema `bench`. */
  seed: string;
  /** On the failed primary; `CALL` of a procedure that the seed made, so that no client's round trips count. */
  fill: string;
  tables: string[];
}

const TRANSACTIONS = 20_000;
const ITEMS = 20_000;

const NUMBERS = `CREATE TABLE bench.digits (n INT PRIMARY KEY);
  INSERT INTO bench.digits VALUES (0),(1),(2),(3),(4),(5),(6),(7),(8),(9);
  CREATE VIEW bench.numbers AS SELECT a.n + 10 * b.n + 100 * c.n + 1000 * d.n + 10000 * e.n AS n
    FROM bench.digits a, bench.digits b, bench.digits c, bench.digits d, bench.digits e`;

const ORDERS = `CREATE TABLE bench.orders (
  id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY, customer INT NOT NULL, status ENUM('new','paid','sent','done') NOT NULL,
  amount DECIMAL(12,2) NOT NULL, note VARCHAR(200), created DATETIME(6) NOT NULL, updated TIMESTAMP(3) NULL, weight DOUBLE)`;

/** An order of two lines, which takes from the stock: an update and three inserts. `extra`: more keys of its tables. */
export function shop(transactions: number, more = '', { orderKeys = '', lineKeys = '' } = {}): ReplayWindow {
  return {
    about: `${transactions} transactions of 4 rows${more}`,
    transactions,
    tables: ['lines', 'orders', 'stock'],
    seed: `${NUMBERS}; ${ORDERS};
      CREATE TABLE bench.stock (id INT PRIMARY KEY, name VARCHAR(40) NOT NULL, quantity INT NOT NULL, price DECIMAL(10,2) NOT NULL,
        updated TIMESTAMP(3) NOT NULL);
      CREATE TABLE bench.\`lines\` (order_id BIGINT UNSIGNED NOT NULL, line INT NOT NULL, item INT NOT NULL, quantity INT NOT NULL,
        price DECIMAL(10,2) NOT NULL, PRIMARY KEY (order_id, line)${lineKeys});
      ${orderKeys}
      INSERT INTO bench.stock SELECT n, CONCAT('item ', n), 1000, n / 7, '2026-11-20 10:00:00' FROM bench.numbers WHERE n < ${ITEMS};
      CREATE PROCEDURE bench.traffic() BEGIN
        DECLARE i INT DEFAULT 1;
        WHILE i <= ${transactions} DO
          START TRANSACTION;
          UPDATE bench.stock SET quantity = quantity - 2, updated = NOW(3) WHERE id = i * 7919 % ${ITEMS};
          INSERT INTO bench.orders (id, customer, status, amount, note, created, updated, weight)
            VALUES (i, i % 1000, 'new', i % 977 / 7, CONCAT('order ', i), NOW(6), NULL, i / 3);
          INSERT INTO bench.\`lines\` VALUES (i, 1, i % ${ITEMS}, 1, 1.5);
          INSERT INTO bench.\`lines\` VALUES (i, 2, i * 3 % ${ITEMS}, 1, 2.5);
          COMMIT;
          SET i = i + 1;
        END WHILE; END`,
    fill: 'CALL bench.traffic()',
  };
}

export const replayWindows = {
  small: shop(TRANSACTIONS),
  keys: shop(TRANSACTIONS, ', with a unique key and foreign keys', {
    orderKeys: 'ALTER TABLE bench.orders ADD UNIQUE KEY (note);',
    lineKeys:
      ', FOREIGN KEY (order_id) REFERENCES bench.orders (id), FOREIGN KEY (item) REFERENCES bench.stock (id)',
  }),
  big: {
    about: '200000 rows in 3 transactions',
    transactions: 3,
    tables: ['orders'],
    seed: `${NUMBERS}; ${ORDERS};
      CREATE PROCEDURE bench.traffic() BEGIN
        INSERT INTO bench.orders SELECT n + 1, n * 7919 % 100003, 1 + n % 4, n % 99991 / 7, CONCAT('order ', n, REPEAT('x', n % 60)),
          TIMESTAMP'2026-11-20 10:00:00' + INTERVAL n MICROSECOND, IF(n % 3, FROM_UNIXTIME(1700000000 + n % 86400), NULL), n / 3
          FROM bench.numbers;
        UPDATE bench.orders SET status = 'paid', updated = '2026-11-20 11:00:00.5', amount = amount + 1 WHERE id % 5 < 3;
        DELETE FROM bench.orders WHERE id % 5 > 2;
      END`,
    fill: 'CALL bench.traffic()',
  },
} satisfies Record<string, ReplayWindow>;
