INSERT INTO shop.parents VALUES (1, 'one'), (2, 'two'), (3, 'three'), (4, 'four');
INSERT INTO shop.children VALUES (11, 1, 'ball'), (12, 1, 'car'), (21, 2, 'ball');
