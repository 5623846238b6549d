USE shop;
INSERT INTO customers VALUES (1, 'Ann'), (2, 'Bob'), (3, 'Cid');
INSERT INTO orders (id, customer_id, total) VALUES (1, 3, 77.00);
