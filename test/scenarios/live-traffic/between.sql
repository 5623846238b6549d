USE shop;
UPDATE customers SET city = 'Graz' WHERE id = 2;
INSERT INTO customers VALUES (99, 'fresh', 'Graz');
DELETE FROM customers WHERE id = 3;
INSERT INTO orders VALUES (97, 4, 'new');
INSERT INTO orders VALUES (18, 1, 'of A');
DELETE FROM orders WHERE id = 2;
