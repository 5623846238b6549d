USE shop;
-- what the application sent again: 21 to 28
BEGIN;
INSERT INTO orders VALUES (111, 3, 'new', 10);
INSERT INTO order_items VALUES (111, 1, 'P004', 1);
UPDATE products SET stock = stock - 1 WHERE sku = 'P004';
COMMIT;
UPDATE orders SET status = 'paid' WHERE id = 111;
BEGIN;
UPDATE accounts SET balance = balance - 5 WHERE id = 3;
UPDATE accounts SET balance = balance + 5 WHERE id = 4;
INSERT INTO transfers VALUES (111, 3, 4, 5);
COMMIT;
INSERT INTO customers VALUES (111, 'c111@shop.test', 'One-One-One', 'Graz');
UPDATE counters SET value = value + 2 WHERE name = 'mails';
DELETE FROM audit_log WHERE day = '2026-11-20' AND seq = 3;
UPDATE orders SET status = 'paid' WHERE id = 2;
-- what A did by itself
UPDATE customers SET city = 'Kiel' WHERE id = 5;
BEGIN;
DELETE FROM order_items WHERE order_id = 3;
DELETE FROM orders WHERE id = 3;
COMMIT;
INSERT INTO orders VALUES (131, 1, 'new', 99);
INSERT INTO customers VALUES (122, 'dup@shop.test', 'Late', 'Graz');
DELETE FROM customers WHERE id = 7;
INSERT INTO orders VALUES (151, 8, 'new', 15);
UPDATE accounts SET balance = 80 WHERE id = 5;
UPDATE customers SET city = 'Kiel' WHERE id = 6;
UPDATE order_items SET quantity = 3 WHERE order_id = 9 AND line = 1;
INSERT INTO audit_log VALUES ('2026-11-20', 301, 'helpdesk', 'called back');
UPDATE counters SET value = 7 WHERE name = 'retries';
UPDATE products SET price = 11 WHERE sku = 'P008';
-- and what concerns nobody
INSERT INTO orders VALUES (161, 9, 'new', 12);
