USE shop;
INSERT INTO orders (what) VALUES ('one'), ('two');
INSERT INTO order_lines (order_id, what) VALUES (1, 'a'), (1, 'b'), (2, 'c');
