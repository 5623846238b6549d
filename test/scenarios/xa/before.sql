USE shop;
INSERT INTO accounts VALUES (1, 'ann', 1000), (2, 'ben', 2000), (3, 'cleo', 3000), (4, 'dan', 4000);
