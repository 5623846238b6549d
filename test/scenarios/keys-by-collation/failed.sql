USE shop;
-- 1 a key changes its case only: the same row
BEGIN; UPDATE words SET word = 'APPLE' WHERE word = 'apple'; COMMIT;
-- 2 and is met under a third spelling
BEGIN; UPDATE words SET n = 11 WHERE word = 'aPPle'; COMMIT;
-- 3 a key that A took in another spelling
BEGIN; INSERT INTO words VALUES ('Kiwi', 3); COMMIT;
-- 4 a row whose key lost its last space on A
BEGIN; UPDATE words SET n = 20 WHERE word = 'pear'; COMMIT;
-- 5 two keys that differ by case, where that matters: 2 changes
BEGIN; INSERT INTO exact_words VALUES ('abc', 1), ('ABC', 2); COMMIT;
-- 6 'Old' goes; A's 'old' has nothing to do with it
BEGIN; DELETE FROM exact_words WHERE word = 'Old'; COMMIT;
-- 7 two guests swap seats by way of nowhere: 3 changes
BEGIN;
UPDATE seats SET guest = NULL WHERE seat = 1;
UPDATE seats SET guest = 'Ann' WHERE seat = 2;
UPDATE seats SET guest = 'Bob' WHERE seat = 1;
COMMIT;
-- 8 two others by way of a third name: 3 changes
BEGIN;
UPDATE seats SET guest = 'somebody' WHERE seat = 3;
UPDATE seats SET guest = 'Cid' WHERE seat = 4;
UPDATE seats SET guest = 'Dan' WHERE seat = 3;
COMMIT;
-- 9 a guest whom A has put into another seat, in capitals
BEGIN; INSERT INTO seats VALUES (5, 'Eve'); COMMIT;
-- 10 two rows swap keys: 3 changes
BEGIN;
UPDATE moves SET id = 100 WHERE id = 1;
UPDATE moves SET id = 1 WHERE id = 2;
UPDATE moves SET id = 2 WHERE id = 100;
COMMIT;
-- 11 two rows move far: 2 changes
BEGIN; UPDATE moves SET id = id + 1000 WHERE id IN (10, 11); COMMIT;
-- 12 a row moves to a key that A gave out
BEGIN; UPDATE moves SET id = 21 WHERE id = 20; COMMIT;
-- 13 one row, four times in one transaction: 4 changes
BEGIN;
INSERT INTO words VALUES ('Zoo', 1);
UPDATE words SET n = 2 WHERE word = 'zoo';
UPDATE words SET n = 3 WHERE word = 'zoO';
UPDATE words SET n = 4 WHERE word = 'zOo';
COMMIT;
-- 14 it goes and comes back under another spelling: 2 changes
BEGIN; DELETE FROM words WHERE word = 'zoo'; INSERT INTO words VALUES ('ZOO', 5); COMMIT;
-- 15 a guest leaves a seat and takes another: 2 changes
BEGIN; DELETE FROM seats WHERE seat = 7; INSERT INTO seats VALUES (8, 'FAY'); COMMIT;
-- 16 the key that 12 left is given out again
BEGIN; INSERT INTO moves VALUES (20, 'another twenty'); COMMIT;
-- 17 a key gets a space at its end
BEGIN; UPDATE exact_words SET word = 'x ' WHERE word = 'x'; COMMIT;
-- 18 NULL is not unique: 2 changes
BEGIN; INSERT INTO seats VALUES (11, NULL); DELETE FROM seats WHERE seat = 9; COMMIT;
