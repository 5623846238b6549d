USE shop;
-- 1 a note that takes number 4 on both sides
BEGIN; INSERT INTO notes VALUES ('ann', 'fourth, on the failed side'); COMMIT;
-- 2 a note that only the failed primary has
BEGIN; INSERT INTO notes VALUES ('bob', 'only here'); COMMIT;
-- 3 a note is changed
BEGIN; UPDATE notes SET body = 'first, corrected' WHERE author = 'ann' AND body = 'first'; COMMIT;
-- 4 a note is changed on both sides
BEGIN; UPDATE notes SET body = 'second, corrected' WHERE body = 'second'; COMMIT;
-- 5 a note goes
BEGIN; DELETE FROM notes WHERE author = 'cid'; COMMIT;
