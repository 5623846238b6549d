USE bank;
INSERT INTO transfers VALUES (900, 1, 3, 0);
