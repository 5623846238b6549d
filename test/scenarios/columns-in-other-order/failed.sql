SET GLOBAL binlog_row_metadata = FULL;
-- 1 rows that come, change and go
BEGIN;
INSERT INTO shop.items VALUES (10, 100, 200, 'ten', 'new', 'y', 10.25, '2026-10-10 10:10:10.101', b'101', 'jjj'), (11, NULL, NULL, NULL, '', NULL, NULL, NULL, NULL, NULL);
UPDATE shop.items SET a = b, b = 21, note = REPEAT('long ', 100) WHERE id = 1;
DELETE FROM shop.items WHERE id = 3;
COMMIT;
-- 2 a row that holds what the restored primary’s other column holds
UPDATE shop.items SET name = 'two!' WHERE id = 2;
-- 3 a row that the restored primary has changed
UPDATE shop.items SET a = 70 WHERE id = 4;
-- 4 a unique value that the restored primary has given away
INSERT INTO shop.items (id, note, code) VALUES (12, 'n', 'zzz');
-- 5 only what changed is in the log
SET SESSION binlog_row_image = MINIMAL;
UPDATE shop.items SET b = 50, at = '2026-05-05 05:05:05.005' WHERE id = 5;
SET GLOBAL binlog_row_metadata = DEFAULT;
