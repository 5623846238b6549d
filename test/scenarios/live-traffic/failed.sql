USE shop;
-- 1 undisturbed
BEGIN; UPDATE orders SET status = 'paid' WHERE id = 1; COMMIT;
-- 2 customer 2 moves; A moves him elsewhere before the replay
BEGIN; UPDATE customers SET city = 'Ulm' WHERE id = 2; COMMIT;
-- 3 and once more: waits for 2
BEGIN; UPDATE customers SET city = 'Kiel' WHERE id = 2; COMMIT;
-- 4 an address that A gives to somebody else before the replay
BEGIN; INSERT INTO customers VALUES (14, 'fresh', 'Ulm'); COMMIT;
-- 5 an order of this customer: waits for 4
BEGIN; INSERT INTO orders VALUES (15, 14, 'new'); COMMIT;
-- 6 an order of customer 3, whom A deletes before the replay
BEGIN; INSERT INTO orders VALUES (16, 3, 'new'); COMMIT;
-- 7 customer 4 goes; A takes an order of him before the replay
BEGIN; DELETE FROM customers WHERE id = 4; COMMIT;
-- 8 a number that A gives out before the replay
BEGIN; INSERT INTO orders VALUES (18, 1, 'new'); COMMIT;
-- 9 a row that A deletes before the replay
BEGIN; UPDATE orders SET status = 'paid' WHERE id = 2; COMMIT;
-- 10 undisturbed, too
BEGIN; UPDATE orders SET status = 'shipped' WHERE id = 1; COMMIT;
