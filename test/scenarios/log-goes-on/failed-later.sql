USE shop;
-- 4 after the crash, before anybody thought of a fence
BEGIN; INSERT INTO orders VALUES (4, 'new'); COMMIT;
FLUSH BINARY LOGS;
-- 5 and in one file more
BEGIN; UPDATE orders SET status = 'shipped' WHERE id = 1; COMMIT;
FLUSH BINARY LOGS;
