USE shop;
SET SESSION binlog_row_image = MINIMAL;
-- 1 one row twice, and another
BEGIN;
UPDATE items SET name = 'one!' WHERE id = 1;
UPDATE items SET price = 2.50 WHERE id = 1;
UPDATE items SET note = NULL WHERE id = 2;
COMMIT;
-- 2 the same row in a later transaction
UPDATE items SET state = 'new', pic = X'00FF' WHERE id = 1;
-- 3 a row without some of its columns, and its update
BEGIN;
INSERT INTO items (id, name) VALUES (10, 'ten');
UPDATE items SET note = 'later', f = 0.7 WHERE id = 10;
COMMIT;
-- 4 a row is deleted
DELETE FROM items WHERE id = 3;
-- 5 and another one has its key and its unique value
INSERT INTO items (id, name, price) VALUES (3, 'three', DEFAULT);
-- 6 a session that logs whole rows
SET SESSION binlog_row_image = FULL;
UPDATE items SET name = 'one again' WHERE id = 1;
-- 7 and then one that does not
SET SESSION binlog_row_image = MINIMAL;
UPDATE items SET note = 'last' WHERE id = 1;
-- 8 a row that the restored primary has changed since
UPDATE clash.items SET name = 'B' WHERE id = 1;
-- 9 and its next change
UPDATE clash.items SET price = 9 WHERE id = 1;
-- 10 a row that the restored primary has changed and put back
UPDATE clash.items SET state = 'new' WHERE id = 2;
-- 11 a row that the restored primary has deleted
DELETE FROM clash.items WHERE id = 3;
-- 12 a row that nobody else writes
UPDATE clash.items SET name = 'five!' WHERE id = 5;
-- 13 the same row, and one that the restored primary writes before the replay
BEGIN;
UPDATE clash.items SET price = 5 WHERE id = 5;
UPDATE clash.items SET price = 6 WHERE id = 6;
COMMIT;
