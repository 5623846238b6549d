INSERT INTO shop.items (id, name, note, pic, f) VALUES (1, 'one', 'a note', X'00', 0.1), (2, 'two', 'another', NULL, NULL), (3, 'three', REPEAT('x', 3000), X'FF', -1.5), (4, 'four', NULL, NULL, NULL), (5, 'five', '', '', 0);
INSERT INTO clash.items (id, name) VALUES (1, 'one'), (2, 'two'), (3, 'three'), (5, 'five'), (6, 'six');
