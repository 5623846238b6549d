UPDATE shop.items SET b = 80 WHERE id = 4;
INSERT INTO shop.items (id, note, code) VALUES (60, 'n', 'zzz');
