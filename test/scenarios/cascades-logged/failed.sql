-- 1 a parent goes, and two children with it: 3 changes
BEGIN; DELETE FROM shop.parents WHERE id = 1; COMMIT;
-- 2 another goes; on A he has one child more: 2 changes
BEGIN; DELETE FROM shop.parents WHERE id = 2; COMMIT;
-- 3 a parent's key moves, and his child's reference with it: 2 changes
BEGIN; UPDATE shop.parents SET id = 30 WHERE id = 3; COMMIT;
-- 4 a room goes, and its two desks stand nowhere: 3 changes
BEGIN; DELETE FROM quiet.rooms WHERE id = 1; COMMIT;
-- 5 a desk goes, and its two lamps: 3 changes
BEGIN; DELETE FROM quiet.desks WHERE id = 1; COMMIT;
-- 6 a tree goes, from its root: 4 changes
BEGIN; DELETE FROM quiet.tree WHERE id = 1; COMMIT;
-- 7 a room's key moves, and its desk's with it: 2 changes
BEGIN; UPDATE quiet.rooms SET id = 20 WHERE id = 2; COMMIT;
