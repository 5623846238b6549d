USE shop;
-- 1 an order of two lines, with the stock it takes: 5 changes
BEGIN;
INSERT INTO orders VALUES (101, 1, 'new', 30);
INSERT INTO order_items VALUES (101, 1, 'P002', 2), (101, 2, 'P003', 1);
UPDATE products SET stock = stock - 2 WHERE sku = 'P002';
UPDATE products SET stock = stock - 1 WHERE sku = 'P003';
COMMIT;
-- 2 an order with its line in the audit log: 4 changes
BEGIN;
INSERT INTO orders VALUES (102, 2, 'new', 10);
INSERT INTO order_items VALUES (102, 1, 'P002', 1);
UPDATE products SET stock = stock - 1 WHERE sku = 'P002';
INSERT INTO audit_log VALUES ('2026-11-20', 101, 'shop', 'order 102');
COMMIT;
-- 3 the first order is paid
BEGIN; UPDATE orders SET status = 'paid' WHERE id = 101; COMMIT;
-- 4 money from 1 to 2: 3 changes
BEGIN;
UPDATE accounts SET balance = balance - 10 WHERE id = 1;
UPDATE accounts SET balance = balance + 10 WHERE id = 2;
INSERT INTO transfers VALUES (101, 1, 2, 10);
COMMIT;
-- 5 some of it back: 3 changes
BEGIN;
UPDATE accounts SET balance = balance - 4 WHERE id = 2;
UPDATE accounts SET balance = balance + 4 WHERE id = 1;
INSERT INTO transfers VALUES (102, 2, 1, 4);
COMMIT;
-- 6 a new customer
BEGIN; INSERT INTO customers VALUES (101, 'c101@shop.test', 'One-O-One', 'Linz'); COMMIT;
-- 7 who orders: the parent row was born in the window: 3 changes
BEGIN;
INSERT INTO orders VALUES (103, 101, 'new', 10);
INSERT INTO order_items VALUES (103, 1, 'P003', 1);
UPDATE products SET stock = stock - 1 WHERE sku = 'P003';
COMMIT;
-- 8 a counter
BEGIN; UPDATE counters SET value = value + 1 WHERE name = 'visits'; COMMIT;
-- 9 and again
BEGIN; UPDATE counters SET value = value + 1 WHERE name = 'visits'; COMMIT;
-- 10 and again
BEGIN; UPDATE counters SET value = value + 1 WHERE name = 'visits'; COMMIT;
-- 11 a line of the audit log
BEGIN; INSERT INTO audit_log VALUES ('2026-11-20', 102, 'shop', 'closing'); COMMIT;
-- 12 an order goes with its line, the child first: 2 changes
BEGIN;
DELETE FROM order_items WHERE order_id = 12;
DELETE FROM orders WHERE id = 12;
COMMIT;
-- 13 an e-mail address becomes free
BEGIN; UPDATE customers SET email = 'twelve@shop.test' WHERE id = 12; COMMIT;
-- 14 and is taken by somebody else
BEGIN; INSERT INTO customers VALUES (102, 'c12@shop.test', 'One-O-Two', 'Linz'); COMMIT;
-- 15 order 1 is paid
BEGIN; UPDATE orders SET status = 'paid' WHERE id = 1; COMMIT;
-- 16 and shipped
BEGIN; UPDATE orders SET status = 'shipped' WHERE id = 1; COMMIT;
-- 17 a line of the audit log goes
BEGIN; DELETE FROM audit_log WHERE day = '2026-11-20' AND seq = 1; COMMIT;
-- 18 a line of the audit log moves to another key: 1 change
BEGIN; UPDATE audit_log SET seq = 201 WHERE day = '2026-11-20' AND seq = 2; COMMIT;
-- 19 a customer comes and goes within one transaction: 3 changes
BEGIN;
INSERT INTO customers VALUES (103, 'c103@shop.test', 'Gone', 'Linz');
DELETE FROM customers WHERE id = 103;
INSERT INTO audit_log VALUES ('2026-11-20', 103, 'shop', 'changed his mind');
COMMIT;
-- 20 a new product, priced at once: 2 changes
BEGIN;
INSERT INTO products VALUES ('P101', 5, 1);
UPDATE products SET price = 7.77 WHERE sku = 'P101';
COMMIT;
-- 21 an order that the application sends again to A: 3 changes
BEGIN;
INSERT INTO orders VALUES (111, 3, 'new', 10);
INSERT INTO order_items VALUES (111, 1, 'P004', 1);
UPDATE products SET stock = stock - 1 WHERE sku = 'P004';
COMMIT;
-- 22 its payment, sent again too
BEGIN; UPDATE orders SET status = 'paid' WHERE id = 111; COMMIT;
-- 23 money from 3 to 4, sent again: 3 changes
BEGIN;
UPDATE accounts SET balance = balance - 5 WHERE id = 3;
UPDATE accounts SET balance = balance + 5 WHERE id = 4;
INSERT INTO transfers VALUES (111, 3, 4, 5);
COMMIT;
-- 24 a customer, sent again
BEGIN; INSERT INTO customers VALUES (111, 'c111@shop.test', 'One-One-One', 'Graz'); COMMIT;
-- 25 two mails counted one by one, which A counts in one step: the value in between was never there
BEGIN; UPDATE counters SET value = 51 WHERE name = 'mails'; COMMIT;
-- 26 the second of them
BEGIN; UPDATE counters SET value = 52 WHERE name = 'mails'; COMMIT;
-- 27 a line that goes on both sides
BEGIN; DELETE FROM audit_log WHERE day = '2026-11-20' AND seq = 3; COMMIT;
-- 28 order 2 is paid, on A too
BEGIN; UPDATE orders SET status = 'paid' WHERE id = 2; COMMIT;
-- 29 order 2 is shipped, on B only
BEGIN; UPDATE orders SET status = 'shipped' WHERE id = 2; COMMIT;
-- 30 customer 5 moves to Ulm; on A, to Kiel
BEGIN; UPDATE customers SET city = 'Ulm' WHERE id = 5; COMMIT;
-- 31 then his name is put right
BEGIN; UPDATE customers SET name = 'Five' WHERE id = 5; COMMIT;
-- 32 then he orders: he is a customer on A whatever his town is: 3 changes
BEGIN;
INSERT INTO orders VALUES (121, 5, 'new', 10);
INSERT INTO order_items VALUES (121, 1, 'P005', 1);
UPDATE products SET stock = stock - 1 WHERE sku = 'P005';
COMMIT;
-- 33 order 3 is paid; A has deleted it
BEGIN; UPDATE orders SET status = 'paid' WHERE id = 3; COMMIT;
-- 34 order 131 is somebody else's on A: 3 changes
BEGIN;
INSERT INTO orders VALUES (131, 6, 'new', 20);
INSERT INTO order_items VALUES (131, 1, 'P005', 2);
UPDATE products SET stock = stock - 2 WHERE sku = 'P005';
COMMIT;
-- 35 a second line of B's order 131, which must not land in A's order 131
BEGIN; INSERT INTO order_items VALUES (131, 2, 'P006', 1); COMMIT;
-- 36 and stock that counts on it
BEGIN; UPDATE products SET stock = stock - 1 WHERE sku = 'P005'; COMMIT;
-- 37 an e-mail address that another customer has on A
BEGIN; INSERT INTO customers VALUES (121, 'dup@shop.test', 'Early', 'Linz'); COMMIT;
-- 38 an order of this customer
BEGIN; INSERT INTO orders VALUES (141, 121, 'new', 10); COMMIT;
-- 39 an order of customer 7, whom A has deleted
BEGIN; INSERT INTO orders VALUES (142, 7, 'new', 10); COMMIT;
-- 40 its line
BEGIN; INSERT INTO order_items VALUES (142, 1, 'P006', 1); COMMIT;
-- 41 customer 8 goes; on A he has just ordered
BEGIN; DELETE FROM customers WHERE id = 8; COMMIT;
-- 42 and somebody new gets number 8
BEGIN; INSERT INTO customers VALUES (8, 'c8new@shop.test', 'New Eight', 'Linz'); COMMIT;
-- 43 money from 5 to 6; A has the one half of it by chance: 3 changes
BEGIN;
UPDATE accounts SET balance = balance - 20 WHERE id = 5;
UPDATE accounts SET balance = balance + 20 WHERE id = 6;
INSERT INTO transfers VALUES (121, 5, 6, 20);
COMMIT;
-- 44 and on from 6 to 9: 3 changes
BEGIN;
UPDATE accounts SET balance = balance - 5 WHERE id = 6;
UPDATE accounts SET balance = balance + 5 WHERE id = 9;
INSERT INTO transfers VALUES (122, 6, 9, 5);
COMMIT;
-- 45 and on from 9 to 10: 3 changes
BEGIN;
UPDATE accounts SET balance = balance - 3 WHERE id = 9;
UPDATE accounts SET balance = balance + 3 WHERE id = 10;
INSERT INTO transfers VALUES (123, 9, 10, 3);
COMMIT;
-- 46 customer 6 gives up his address; on A he moved
BEGIN; UPDATE customers SET email = 'six@shop.test' WHERE id = 6; COMMIT;
-- 47 and somebody else takes the address
BEGIN; INSERT INTO customers VALUES (123, 'c6@shop.test', 'Sixth', 'Linz'); COMMIT;
-- 48 a line of order 9 becomes five; on A, three
BEGIN; UPDATE order_items SET quantity = 5 WHERE order_id = 9 AND line = 1; COMMIT;
-- 49 and goes
BEGIN; DELETE FROM order_items WHERE order_id = 9 AND line = 1; COMMIT;
-- 50 and the order with it, which has its line on A
BEGIN; DELETE FROM orders WHERE id = 9; COMMIT;
-- 51 a composite key that both sides gave out
BEGIN; INSERT INTO audit_log VALUES ('2026-11-20', 301, 'shop', 'opening'); COMMIT;
-- 52 a counter that both sides counted
BEGIN; UPDATE counters SET value = value + 1 WHERE name = 'retries'; COMMIT;
-- 53 two prices rise; on A, one of them: 2 changes
BEGIN; UPDATE products SET price = 11 WHERE sku IN ('P007', 'P008'); COMMIT;
-- 54 a table without transactions
INSERT INTO hits VALUES (1, '/');
-- 55 what has nothing to do with all that goes on
BEGIN; UPDATE orders SET status = 'shipped' WHERE id = 101; COMMIT;
-- 56 money from 1 to 2 once more: 3 changes
BEGIN;
UPDATE accounts SET balance = balance - 1 WHERE id = 1;
UPDATE accounts SET balance = balance + 1 WHERE id = 2;
INSERT INTO transfers VALUES (131, 1, 2, 1);
COMMIT;
