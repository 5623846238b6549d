USE shop;
-- 1 a click
BEGIN; INSERT INTO clicks VALUES ('2026-11-20 10:00:00', '/a', 0.3, 'it''s'); COMMIT;
-- 2 the same click again: two rows alike
BEGIN; INSERT INTO clicks VALUES ('2026-11-20 10:00:00', '/a', 0.3, 'it''s'); COMMIT;
-- 3 a click that the application sent to A, too
BEGIN; INSERT INTO clicks VALUES ('2026-11-20 10:00:01', '/b', NULL, NULL); COMMIT;
-- 4 a click that is on A in other letters
BEGIN; INSERT INTO clicks VALUES ('2026-11-20 10:00:02', '/c', NULL, 'Loud'); COMMIT;
-- 5 one of two old clicks goes, and neither the third, which differs by its letter
BEGIN; DELETE FROM clicks WHERE note = 'a' COLLATE utf8mb4_bin LIMIT 1; COMMIT;
-- 6 a click is corrected
BEGIN; UPDATE clicks SET page = '/x' WHERE note = 'x'; COMMIT;
-- 7 a click goes that A has deleted
BEGIN; DELETE FROM clicks WHERE page = '/gone'; COMMIT;
-- 8 an order is paid and its click written, both sent again to A: 2 changes
BEGIN;
UPDATE orders SET status = 'paid' WHERE id = 1;
INSERT INTO clicks VALUES ('2026-11-20 10:00:03', '/pay', NULL, 'order 1');
COMMIT;
-- 9 an order is paid, of which A has the click alone: 2 changes
BEGIN;
UPDATE orders SET status = 'paid' WHERE id = 2;
INSERT INTO clicks VALUES ('2026-11-20 10:00:04', '/pay', NULL, 'order 2');
COMMIT;
-- 10 one of two apples goes from a bag
BEGIN; DELETE FROM bags WHERE item = 'apple' LIMIT 1; COMMIT;
-- 11 and the other
BEGIN; DELETE FROM bags WHERE item = 'apple' LIMIT 1; COMMIT;
-- 12 a pear becomes dearer, twice in one transaction: 2 changes
BEGIN;
UPDATE bags SET price = 2.50 WHERE item = 'pear';
UPDATE bags SET price = 2.75 WHERE item = 'pear';
COMMIT;
-- 13 a plum becomes dearer; on A, too, but by another sum: 1 change
BEGIN; UPDATE bags SET price = 3.50 WHERE item = 'plum'; COMMIT;
-- 14 a fig comes and goes: 2 changes
BEGIN;
INSERT INTO bags VALUES (9, 'fig', 9.00);
DELETE FROM bags WHERE owner = 9;
COMMIT;
-- 15 a code is used: known by its unique key
BEGIN; UPDATE codes SET used = 1 WHERE code = 'alpha'; COMMIT;
-- 16 a code is used that A has used twice
BEGIN; UPDATE codes SET used = 1 WHERE code = 'beta'; COMMIT;
-- 17 a code that A has in other letters
BEGIN; INSERT INTO codes VALUES ('Delta', 1); COMMIT;
-- 18 a code changes its name
BEGIN; UPDATE codes SET code = 'Omega' WHERE code = 'gamma'; COMMIT;
