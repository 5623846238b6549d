USE shop;
INSERT INTO customers VALUES (1, 'c1', 'Bonn'), (2, 'c2', 'Bonn'), (3, 'c3', 'Bonn'), (4, 'c4', 'Bonn'), (5, 'c5', 'Bonn');
INSERT INTO orders VALUES (1, 1, 'new'), (2, 2, 'new');
