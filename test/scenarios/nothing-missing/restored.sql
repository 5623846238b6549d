USE shop;
BEGIN; INSERT INTO orders VALUES (11, 'new'); INSERT INTO order_lines VALUES (11, 1, 'lamp'); COMMIT;
UPDATE orders SET status = 'paid' WHERE id = 11;
DELETE FROM orders WHERE id = 2;
INSERT INTO orders VALUES (12, 'new');
