USE bank;
INSERT INTO accounts VALUES (1, 100), (2, 100), (3, 100);
