USE shop;
-- 1 rolled back, but for the row that can't be: logged as committed, in a group of its own
BEGIN; INSERT INTO items VALUES (10, 'never'); INSERT INTO visits VALUES (1, '/kept'); ROLLBACK;
-- 2 of a transaction that is committed, too
-- 3 and the rest of it
BEGIN; INSERT INTO items VALUES (11, 'lamp'); INSERT INTO visits VALUES (2, '/lamp'); COMMIT;
-- 4 back to a savepoint: one row of two
BEGIN; INSERT INTO items VALUES (12, 'shelf'); SAVEPOINT s; INSERT INTO items VALUES (13, 'never'); ROLLBACK TO s; COMMIT;
SET /*!50701 SESSION binlog_rows_query_log_events = ON, */ @annotated = 1;
-- 5 with the statement beside its rows (MariaDB writes it by default)
UPDATE items SET title = 'armchair' WHERE id = 1;
SET /*!50701 SESSION binlog_rows_query_log_events = OFF, */ @annotated = 1;
-- 6 a table made with its rows, in one group: 3 changes
CREATE TABLE copied (PRIMARY KEY (id)) AS SELECT id, title FROM items WHERE id < 12;
-- 7 a row of it
INSERT INTO copied VALUES (20, 'later');
SET SESSION binlog_format = MIXED;
-- 8 a statement, for once
UPDATE counters SET value = value + 1 WHERE id = (SELECT 1);
SET SESSION binlog_format = ROW;
-- 9 a row of that statement's table
UPDATE counters SET value = 9 WHERE id = 1;
-- 10 and of any other: what a statement reads may be a view, and that may call what writes
DELETE FROM items WHERE id = 2;
