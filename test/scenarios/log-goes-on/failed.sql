USE shop;
-- 1 in the file where the window begins
BEGIN; INSERT INTO orders VALUES (1, 'new'); COMMIT;
FLUSH BINARY LOGS;
-- 2 in the next
BEGIN; INSERT INTO orders VALUES (2, 'new'); COMMIT;
FLUSH BINARY LOGS;
FLUSH BINARY LOGS;
-- 3 behind an empty one
BEGIN; UPDATE orders SET status = 'paid' WHERE id = 1; COMMIT;
