USE shop;
-- 1 order 3 on B, which A gives out to another order
BEGIN; INSERT INTO orders (what) VALUES ('three of B'); COMMIT;
-- 2 orders 4 and 5 on B, which A has not given out: 2 changes
BEGIN; INSERT INTO orders (what) VALUES ('four of B'), ('five of B'); COMMIT;
-- 3 a jump ahead
BEGIN; INSERT INTO orders (id, what) VALUES (1000, 'thousand of B'); COMMIT;
-- 4 lines 4 and 5: 2 changes
BEGIN; INSERT INTO order_lines (order_id, what) VALUES (2, 'd'), (2, 'e'); COMMIT;
