USE shop;
INSERT INTO orders VALUES (1, 7, 10), (2, 8, 20);
