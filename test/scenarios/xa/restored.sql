USE shop;
UPDATE accounts SET cents = 3333 WHERE id = 3;
