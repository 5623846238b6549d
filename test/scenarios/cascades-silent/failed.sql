-- 1 a parent goes; the log does not tell of the two children that went with him
BEGIN; DELETE FROM shop.parents WHERE id = 1; COMMIT;
-- 2 another goes; on A he has one child more
BEGIN; DELETE FROM shop.parents WHERE id = 2; COMMIT;
-- 3 a parent without children goes
BEGIN; DELETE FROM shop.parents WHERE id = 3; COMMIT;
-- 4 a child comes
BEGIN; INSERT INTO shop.children VALUES (41, 4, 'doll'); COMMIT;
-- 5 it goes, and its parent with it, each by itself: 2 changes
BEGIN; DELETE FROM shop.children WHERE id = 41; DELETE FROM shop.parents WHERE id = 4; COMMIT;
