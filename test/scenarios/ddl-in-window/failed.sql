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
-- 20 a row of a table before it's dropped
BEGIN; INSERT INTO drafts VALUES (1, 'once'); COMMIT;
-- 21 which takes it away
DROP TABLE drafts;
-- 22 another table of that name
CREATE TABLE drafts (id INT PRIMARY KEY, text VARCHAR(40) NOT NULL);
-- 23 and a row of it
BEGIN; INSERT INTO drafts VALUES (1, 'again'); COMMIT;
-- 24 a new name
RENAME TABLE labels TO stickers;
-- 25 a row under it
BEGIN; INSERT INTO stickers VALUES (1, 'red'); COMMIT;
-- 26 an index goes
DROP INDEX by_price ON prices;
-- 27 a row of its table
BEGIN; INSERT INTO prices VALUES (1, 10); COMMIT;
-- 28 a view holds no rows
CREATE VIEW headlines AS SELECT note FROM notes;
-- 29 rows go on
BEGIN; INSERT INTO notes VALUES (4, 'fourth'); COMMIT;
-- 30 a row of another schema
BEGIN; INSERT INTO cellar.boxes VALUES (1, 'wine'); COMMIT;
-- 31 which goes
DROP DATABASE cellar;
-- 32 and comes again
CREATE DATABASE cellar;
-- 33 with its table
CREATE TABLE cellar.boxes (id INT PRIMARY KEY, box VARCHAR(40) NOT NULL);
-- 34 and a row
BEGIN; INSERT INTO cellar.boxes VALUES (2, 'coal'); COMMIT;
-- 35 rows elsewhere go on
BEGIN; INSERT INTO notes VALUES (5, 'fifth'); COMMIT;
-- 36 rows logged as a statement
SET SESSION binlog_format = STATEMENT;
BEGIN; UPDATE logins SET times = times + 1 WHERE id = 1; COMMIT;
-- 37 a row of that table
SET SESSION binlog_format = ROW;
BEGIN; UPDATE logins SET times = times + 1 WHERE id = 1; COMMIT;
-- 38 rows elsewhere go on
BEGIN; INSERT INTO notes VALUES (6, 'sixth'); COMMIT;
