USE shop;
INSERT INTO orders (what) VALUES ('next of A');
INSERT INTO order_lines (order_id, what) VALUES (1, 'f');
