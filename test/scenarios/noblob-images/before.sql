INSERT INTO shop.items (id, name, net, note, pic, place) VALUES (1, 'one', 1, REPEAT('note ', 1000), X'00FF', ST_GeomFromText('POINT(1 2)', 4326)), (2, 'two', 2, NULL, NULL, NULL), (3, 'three', 3, 'x', REPEAT('y', 100000), NULL), (4, 'four', 4, 'four', NULL, NULL);
INSERT INTO clash.documents VALUES (1, 1, '{"a": 1}', 'x'), (2, 2, '[]', 'y');
INSERT INTO clash.parents VALUES (1);
INSERT INTO clash.children VALUES (1, 1, 'x', 1);
