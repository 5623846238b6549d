USE shop;
-- 1 a row of a table before it's altered
BEGIN; INSERT INTO items VALUES (3, 'lamp'); COMMIT;
-- 2 a new column
ALTER TABLE items ADD COLUMN colour VARCHAR(10) NOT NULL DEFAULT 'white';
-- 3 a row of the altered table
BEGIN; INSERT INTO items VALUES (4, 'shelf', 'red'); COMMIT;
-- 4 another table goes on
BEGIN; INSERT INTO notes VALUES (2, 'second'); COMMIT;
-- 5 a new table
CREATE TABLE fresh (id INT PRIMARY KEY, value INT);
-- 6 a row of it
BEGIN; INSERT INTO fresh VALUES (1, 1); COMMIT;
-- 7 all rows of a table go, and none of them is in the log
TRUNCATE TABLE tags;
-- 8 a row of the emptied table
BEGIN; INSERT INTO tags VALUES (1, 'glass'); COMMIT;
-- 9 a privilege
GRANT SELECT ON shop.* TO 'reporting'@'%';
-- 10 rows go on after a privilege
BEGIN; INSERT INTO notes VALUES (3, 'third'); COMMIT;
-- 11 an old row of the altered table
BEGIN; UPDATE items SET title = 'armchair' WHERE id = 1; COMMIT;
-- 12 an index is a change of the table too
CREATE INDEX by_page ON visits (page);
-- 13 a row of that table
BEGIN; INSERT INTO visits VALUES (2, '/about'); COMMIT;
-- 14 half of it could be replayed, so none of it is: 2 changes
BEGIN;
UPDATE notes SET note = 'FIRST' WHERE id = 1;
UPDATE items SET colour = 'blue' WHERE id = 2;
COMMIT;
-- 15 builds on that half
BEGIN; UPDATE notes SET note = 'FIRST!' WHERE id = 1; COMMIT;
-- 16 a table that A has altered since
BEGIN; INSERT INTO coupons VALUES (2, 'JUNE'); COMMIT;
-- 17 and the last one
BEGIN; UPDATE notes SET note = '2nd' WHERE id = 2; COMMIT;
-- 18 an account, whose password stands in MariaDB's log as it was typed
CREATE USER 'auditor'@'%' IDENTIFIED BY 'Secret-8842-of-auditor';
-- 19 another password
ALTER USER 'reporting'@'%' IDENTIFIED BY 'Secret-8842-of-reporting';
