USE shop;
INSERT INTO orders (what) VALUES ('three of A');
