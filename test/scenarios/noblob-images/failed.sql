USE shop;
SET SESSION binlog_row_image = NOBLOB, sql_mode = '';
-- 1 updates that leave the BLOBs as they are, one that does not
BEGIN;
UPDATE items SET net = 10 WHERE id = 1;
UPDATE items SET note = 'shorter' WHERE id = 3;
UPDATE items SET name = 'one!' WHERE id = 1;
COMMIT;
-- 2 a row moves to another key, and goes on there
BEGIN;
UPDATE items SET id = 20 WHERE id = 2;
UPDATE items SET net = NULL WHERE id = 20;
COMMIT;
-- 3 rows without some columns
INSERT INTO items (name, net) VALUES ('new', 5), ('newer', 6);
-- 4 an upsert that finds a row, and a REPLACE
BEGIN;
INSERT INTO items (id, name, net) VALUES (1, 'x', 7) ON DUPLICATE KEY UPDATE net = 8;
REPLACE INTO items (id, name) VALUES (3, 'replaced');
COMMIT;
-- 5 a row with a long BLOB is deleted
DELETE FROM items WHERE id = 4;
-- 6 the same with as little as can be logged
SET SESSION binlog_row_image = MINIMAL;
BEGIN;
INSERT INTO items (net) VALUES (9);
UPDATE items SET net = net + 1 WHERE name = 'none';
INSERT INTO items (id, name, net) VALUES (1, 'x', 7) ON DUPLICATE KEY UPDATE note = 'upserted';
REPLACE INTO items (id, name) VALUES (3, 'replaced again');
UPDATE items SET id = 30 WHERE id = 20;
COMMIT;
-- 7 a document that is not in the log
UPDATE clash.documents SET n = 10 WHERE id = 1;
-- 8 one that is
UPDATE clash.documents SET doc = '{"b": 2.50}', note = 'z', n = 20 WHERE id = 2;
-- 9 a child that a cascade could have changed
UPDATE clash.children SET n = 2 WHERE id = 1;
-- 10 a column without default that the session's mode let through
INSERT INTO clash.strict (id) VALUES (1);
-- 11 a default in words that are not read
INSERT INTO clash.strict (id, n) VALUES (2, 2);
