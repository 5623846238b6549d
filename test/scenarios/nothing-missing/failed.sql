USE shop;
-- 1 an order: 2 changes
BEGIN; INSERT INTO orders VALUES (11, 'new'); INSERT INTO order_lines VALUES (11, 1, 'lamp'); COMMIT;
-- 2 it's paid
BEGIN; UPDATE orders SET status = 'paid' WHERE id = 11; COMMIT;
-- 3 another goes
BEGIN; DELETE FROM orders WHERE id = 2; COMMIT;
