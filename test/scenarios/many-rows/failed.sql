USE shop;
-- 1 ten thousand rows come
BEGIN;
INSERT INTO stock SELECT a.d * 1000 + b.d * 100 + c.d * 10 + d.d, 0, REPEAT('x', 30) FROM digits a, digits b, digits c, digits d;
COMMIT;
-- 2 each is changed
BEGIN; UPDATE stock SET n = id + 1; COMMIT;
-- 3 every second one goes: 5000 changes
BEGIN; DELETE FROM stock WHERE id % 2 = 1; COMMIT;
-- 4 one price, which A has changed otherwise
BEGIN; UPDATE prices SET n = 2 WHERE id = 5000; COMMIT;
-- 5 ten thousand prices, this one among them
BEGIN; UPDATE prices SET n = n + 10; COMMIT;
-- 6 and once more
BEGIN; UPDATE prices SET n = n + 10; COMMIT;
