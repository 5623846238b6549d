USE shop;
-- 1 order 1 goes its way; A jumps to 'shipped'
BEGIN; UPDATE orders SET status = 'paid' WHERE id = 1; COMMIT;
-- 2 this is how far A came
BEGIN; UPDATE orders SET status = 'shipped' WHERE id = 1; COMMIT;
-- 3 this only B knows
BEGIN; UPDATE orders SET status = 'delivered' WHERE id = 1; COMMIT;
-- 4 an order comes and is corrected; A has it as it was at the end
BEGIN; INSERT INTO orders VALUES (11, 'draft'); COMMIT;
-- 5 the correction
BEGIN; UPDATE orders SET status = 'new' WHERE id = 11; COMMIT;
-- 6 an order comes
BEGIN; INSERT INTO orders VALUES (12, 'new'); COMMIT;
-- 7 and goes; A has never heard of it: by its rows, nothing is missing
BEGIN; DELETE FROM orders WHERE id = 12; COMMIT;
-- 8 a counter, one by one
BEGIN; UPDATE counters SET value = 1 WHERE name = 'mails'; COMMIT;
-- 9 A counted to two at once
BEGIN; UPDATE counters SET value = 2 WHERE name = 'mails'; COMMIT;
-- 10 B went on to three
BEGIN; UPDATE counters SET value = 3 WHERE name = 'mails'; COMMIT;
-- 11 money goes from 1 to 2: 3 changes
BEGIN;
UPDATE accounts SET balance = balance - 10 WHERE id = 1;
UPDATE accounts SET balance = balance + 10 WHERE id = 2;
INSERT INTO transfers VALUES (1, 1, 2, 10);
COMMIT;
-- 12 and comes back: the balances are what they were, the transfers tell that A has neither: 3 changes
BEGIN;
UPDATE accounts SET balance = balance - 10 WHERE id = 2;
UPDATE accounts SET balance = balance + 10 WHERE id = 1;
INSERT INTO transfers VALUES (2, 2, 1, 10);
COMMIT;
-- 13 money goes from 3 to 4, which A did too: 3 changes
BEGIN;
UPDATE accounts SET balance = balance - 20 WHERE id = 3;
UPDATE accounts SET balance = balance + 20 WHERE id = 4;
INSERT INTO transfers VALUES (3, 3, 4, 20);
COMMIT;
-- 14 and comes back, which A did not: 3 changes
BEGIN;
UPDATE accounts SET balance = balance - 20 WHERE id = 4;
UPDATE accounts SET balance = balance + 20 WHERE id = 3;
INSERT INTO transfers VALUES (4, 4, 3, 20);
COMMIT;
-- 15 money goes from 5 to 6, and A sent it again under another id: 3 changes
BEGIN;
UPDATE accounts SET balance = balance - 30 WHERE id = 5;
UPDATE accounts SET balance = balance + 30 WHERE id = 6;
INSERT INTO transfers VALUES (5, 5, 6, 30);
COMMIT;
-- 16 order 2 goes further than A
BEGIN; UPDATE orders SET status = 'paid' WHERE id = 2; COMMIT;
-- 17 where A went another way
BEGIN; UPDATE orders SET status = 'shipped' WHERE id = 2; COMMIT;
