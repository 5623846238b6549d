INSERT INTO shop.items (id, name, net, note, doc) VALUES (1, 'one', 1, 'a note', '{"a": 1}'), (2, 'two', 2, NULL, '[]'), (3, 'three', 3, 'x', NULL);
INSERT INTO clash.items VALUES (1, 'one', 'a'), (2, 'two', 'b'), (3, 'three', 'c');
INSERT INTO clash.virtual (id, n) VALUES (1, 1);
