UPDATE clash.items SET note = 'A' WHERE id = 1;
UPDATE clash.items SET name = 'x' WHERE id = 2;
UPDATE clash.items SET name = 'two' WHERE id = 2;
DELETE FROM clash.items WHERE id = 3;
INSERT INTO shop.items (id, name) VALUES (50, 'fifty');
DELETE FROM shop.items WHERE id = 50;
