USE bank;
-- 1 money from 1 to 2: 3 changes
BEGIN;
UPDATE accounts SET balance = balance - 10 WHERE id = 1;
UPDATE accounts SET balance = balance + 10 WHERE id = 2;
INSERT INTO transfers VALUES (1, 1, 2, 10);
COMMIT;
-- 2 a transaction of some 100 kB: 20 changes
BEGIN;
INSERT INTO uploads SELECT 10 * a.n + b.n, REPEAT(CHAR(65 + b.n), 5000)
  FROM (SELECT 0 AS n UNION SELECT 1) AS a,
       (SELECT 0 AS n UNION SELECT 1 UNION SELECT 2 UNION SELECT 3 UNION SELECT 4 UNION SELECT 5 UNION SELECT 6 UNION SELECT 7 UNION SELECT 8 UNION SELECT 9) AS b;
COMMIT;
-- 3 money from 2 to 3: the last that the application was told of: 3 changes
BEGIN;
UPDATE accounts SET balance = balance - 5 WHERE id = 2;
UPDATE accounts SET balance = balance + 5 WHERE id = 3;
INSERT INTO transfers VALUES (2, 2, 3, 5);
COMMIT;
