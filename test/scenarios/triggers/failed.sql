USE shop;
-- 1 an order: itself, its history, and a new turnover: 3 changes
BEGIN; INSERT INTO orders VALUES (11, 9, 5); COMMIT;
-- 2 two more, of which the second adds to a turnover: 6 changes
BEGIN; INSERT INTO orders VALUES (12, 7, 6), (13, 7, 7); COMMIT;
-- 3 a trigger changes what is written: 1 change
BEGIN; UPDATE orders SET total = 100 WHERE id = 1; COMMIT;
-- 4 an order goes: 2 changes
BEGIN; DELETE FROM orders WHERE id = 2; COMMIT;
