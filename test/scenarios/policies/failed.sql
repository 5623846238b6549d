USE shop;
-- 1 ten from 1 to 2, while A moves five from 1 to 3: 2 changes
BEGIN;
UPDATE accounts SET balance = balance - 10 WHERE id = 1;
UPDATE accounts SET balance = balance + 10 WHERE id = 2;
COMMIT;
-- 2 and four back: 2 changes
BEGIN;
UPDATE accounts SET balance = balance - 4 WHERE id = 2;
UPDATE accounts SET balance = balance + 4 WHERE id = 1;
COMMIT;
-- 3 customer 5 moves; on A he got another name
BEGIN; UPDATE customers SET city = 'Ulm' WHERE id = 5; COMMIT;
-- 4 customer 6 moves; on A to another town
BEGIN; UPDATE customers SET city = 'Ulm' WHERE id = 6; COMMIT;
-- 5 order 3 with two lines; A gave number 3 to another order: 3 changes
BEGIN;
INSERT INTO orders (customer_id, status, total) VALUES (1, 'new', 33);
INSERT INTO items VALUES (3, 1, 'P1'), (3, 2, 'P2');
COMMIT;
-- 6 it is paid
BEGIN; UPDATE orders SET status = 'paid' WHERE id = 3; COMMIT;
-- 7 and gets a third line
BEGIN; INSERT INTO items VALUES (3, 3, 'P3'); COMMIT;
-- 8 a session is seen on both sides
BEGIN; UPDATE sessions SET seen = 11 WHERE id = 1; COMMIT;
-- 9 a session ends here and goes on there
BEGIN; DELETE FROM sessions WHERE id = 2; COMMIT;
-- 10 a price that A changed, too
BEGIN; UPDATE prices SET price = 1.10 WHERE sku = 'P1'; COMMIT;
-- 11 a price of a product that A deleted
BEGIN; UPDATE prices SET price = 2.20 WHERE sku = 'P2'; COMMIT;
-- 12 a product goes whose price A changed
BEGIN; DELETE FROM prices WHERE sku = 'P3'; COMMIT;
-- 13 a product that both sides brought
BEGIN; INSERT INTO prices VALUES ('P9', 9.90); COMMIT;
-- 14 an e-mail address that somebody else has on A
BEGIN; INSERT INTO customers VALUES (21, 'dup@x', 'Early', 'Linz'); COMMIT;
-- 15 his order
BEGIN; INSERT INTO orders VALUES (41, 21, 'new', 5); COMMIT;
-- 16 customer 7 moves on both sides: decided by hand
BEGIN; UPDATE customers SET city = 'Ulm' WHERE id = 7; COMMIT;
-- 17 what nobody else touched
BEGIN; INSERT INTO sessions VALUES (9, 90); COMMIT;
-- 18 two prices rise; A has one of them: 2 changes
BEGIN; UPDATE prices SET price = price + 1 WHERE sku IN ('P5', 'P6'); COMMIT;
