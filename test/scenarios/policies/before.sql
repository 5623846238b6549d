USE shop;
INSERT INTO accounts VALUES (1, 100, ''), (2, 100, ''), (3, 100, '');
INSERT INTO customers VALUES (1, 'c1@x', 'One', 'Linz'), (5, 'c5@x', 'Five', 'Linz'), (6, 'c6@x', 'Six', 'Linz'), (7, 'c7@x', 'Seven', 'Linz');
INSERT INTO orders VALUES (1, 1, 'new', 10), (2, 1, 'new', 20);
INSERT INTO items VALUES (1, 1, 'P1'), (2, 1, 'P2');
INSERT INTO sessions VALUES (1, 10), (2, 20);
INSERT INTO prices VALUES ('P1', 1), ('P2', 2), ('P3', 3), ('P5', 5), ('P6', 6);
