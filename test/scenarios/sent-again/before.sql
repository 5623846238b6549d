USE shop;
INSERT INTO customers VALUES (1, 'Ann'), (2, 'Bob'), (3, 'Cid');
INSERT INTO orders (id, customer_id, total) VALUES (1, 3, 77.00);
INSERT INTO tickets (id, customer_id, subject) VALUES ('6f1c1f0e-7d0a-4b7e-9a53-0c6f3d6f0000', 3, 'Late');
