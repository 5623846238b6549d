USE bank;
BEGIN;
UPDATE accounts SET balance = balance - 50 WHERE id = 3;
INSERT INTO uploads VALUES (100, REPEAT('never committed', 10000));
