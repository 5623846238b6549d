SET SESSION binlog_row_image = MINIMAL;
-- 1 a new row and its update
BEGIN;
INSERT INTO shop.items (id) VALUES (2);
UPDATE shop.items SET note = 'new' WHERE id = 2;
COMMIT;
-- 2 a row that both have
UPDATE shop.items SET note = 'changed' WHERE id = 1;
