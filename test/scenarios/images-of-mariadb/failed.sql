SET SESSION binlog_row_image = MINIMAL;
-- 1 updates, a stored generated column, a document that stays as it is
BEGIN;
UPDATE shop.items SET net = 10 WHERE id = 1;
UPDATE shop.items SET doc = '{"b": 2.50}' WHERE id = 2;
UPDATE shop.items SET name = 'one!' WHERE id = 1;
COMMIT;
-- 2 inserts and deletes
BEGIN;
INSERT INTO shop.items (id, net) VALUES (10, 5);
UPDATE shop.items SET note = 'later' WHERE id = 10;
DELETE FROM shop.items WHERE id = 3;
COMMIT;
-- 3 a REPLACE is logged like an update, without the columns that it sets to their defaults
REPLACE INTO clash.items (id, name) VALUES (1, 'one');
-- 4 what follows of that row can't be told either
UPDATE clash.items SET note = 'after it' WHERE id = 1;
-- 5 a virtual column is never logged
UPDATE clash.virtual SET n = 2 WHERE id = 1;
-- 6 nor is it of a new row
INSERT INTO clash.virtual (id, n) VALUES (2, 2);
-- 7 without BLOBs, an update and a REPLACE are one
SET SESSION binlog_row_image = NOBLOB;
UPDATE clash.items SET name = 'two!' WHERE id = 2;
-- 8 a BLOB that is in the log
UPDATE shop.items SET note = 'noted', doc = NULL WHERE id = 2;
-- 9 a row whose deletion is all there is
DELETE FROM clash.items WHERE id = 3;
