INSERT INTO shop.parents VALUES (1, 'one'), (2, 'two'), (3, 'three');
INSERT INTO shop.children VALUES (11, 1, 'ball'), (12, 1, 'car'), (21, 2, 'ball'), (31, 3, 'doll');
INSERT INTO quiet.rooms VALUES (1, 'east'), (2, 'west'), (3, 'north');
INSERT INTO quiet.desks VALUES (1, 1), (2, 1), (3, 2), (4, 3);
INSERT INTO quiet.lamps VALUES (1, 1), (2, 1), (3, 3);
INSERT INTO quiet.tree VALUES (1, NULL), (2, 1), (3, 2), (4, 1), (5, NULL);
