USE shop;
-- 1 Ann's order, which she sent again to A: 2 changes
BEGIN;
INSERT INTO orders (id, customer_id, total) VALUES (101, 1, 30.00);
INSERT INTO order_items VALUES (101, 1, 'P001');
COMMIT;
-- 2 a further line of it
BEGIN; INSERT INTO order_items VALUES (101, 2, 'P002'); COMMIT;
-- 3 Bob's order, sent again, and paid on A since
BEGIN; INSERT INTO orders (id, customer_id, total) VALUES (102, 2, 31.50); COMMIT;
-- 4 an order of Ann's that she did not send again
BEGIN; INSERT INTO orders (id, customer_id, total) VALUES (103, 1, 44.00); COMMIT;
-- 5 what Cid ordered once before the failover, and again now
BEGIN; INSERT INTO orders (id, customer_id, total) VALUES (104, 3, 77.00); COMMIT;
-- 6 a message with the application's own clock
BEGIN; INSERT INTO messages VALUES (101, 'Please leave it at the door.', NOW()); COMMIT;
-- 7 a payment, sent again: its reference tells
BEGIN; INSERT INTO payments VALUES (101, 'PAY-2026-0001', 30.00); COMMIT;
-- 8 a payment whose reference somebody else has
BEGIN; INSERT INTO payments VALUES (102, 'PAY-2026-0002', 31.50); COMMIT;
-- 9 an id and a status prove nothing
BEGIN; INSERT INTO jobs VALUES (101, 'waiting'); COMMIT;
-- 10 what is written all the time proves nothing
BEGIN; INSERT INTO visits VALUES (101, 1, 17); COMMIT;
-- 11 an appointment at another hour
BEGIN; INSERT INTO appointments VALUES (101, 1, 5, '2026-12-01 10:00:00'); COMMIT;
-- 12 an appointment at the same hour
BEGIN; INSERT INTO appointments VALUES (102, 2, 5, '2026-12-01 11:00:00'); COMMIT;
-- 13 ids moved up by one: B's 105 is what A calls 106
BEGIN; INSERT INTO orders (id, customer_id, total) VALUES (105, 2, 55.00); COMMIT;
-- 14 while B's 106 is another
BEGIN; INSERT INTO orders (id, customer_id, total, changed) VALUES (106, 3, 66.00, '2026-11-20 10:00:00'); COMMIT;
-- 15 two alike, of which A has one under the very same id
BEGIN; INSERT INTO orders (id, customer_id, total, created, changed) VALUES (107, 1, 88.00, '2026-11-20 10:00:00', '2026-11-20 10:00:00'); COMMIT;
-- 16 the other one
BEGIN; INSERT INTO orders (id, customer_id, total, created, changed) VALUES (108, 1, 88.00, '2026-11-20 10:00:00', '2026-11-20 10:00:00'); COMMIT;
-- 17 a ticket under an id that the application makes, and made anew when it tried again
BEGIN; INSERT INTO tickets (id, customer_id, subject) VALUES ('6f1c1f0e-7d0a-4b7e-9a53-0c6f3d6f0001', 1, 'Wrong size'); COMMIT;
-- 18 a reply to it
BEGIN; INSERT INTO replies VALUES (X'0123456789ABCDEF0123456789ABCD01', '6f1c1f0e-7d0a-4b7e-9a53-0c6f3d6f0001', 'We will send another one'); COMMIT;
-- 19 another ticket with that subject
BEGIN; INSERT INTO tickets (id, customer_id, subject) VALUES ('6f1c1f0e-7d0a-4b7e-9a53-0c6f3d6f0002', 2, 'Wrong size'); COMMIT;
-- 20 a reply to an old ticket, sent again
BEGIN; INSERT INTO replies VALUES (X'0123456789ABCDEF0123456789ABCD02', '6f1c1f0e-7d0a-4b7e-9a53-0c6f3d6f0000', 'Thank you, it arrived'); COMMIT;
-- 21 a code is no id, however alike the rest is
BEGIN; INSERT INTO countries VALUES ('UK', 'United Kingdom', 67); COMMIT;
-- 22 somebody's id and a state prove nothing
BEGIN; INSERT INTO sign_ins VALUES (1900000000000000001, '11111111-7d0a-4b7e-9a53-0c6f3d6f0001', 'in'); COMMIT;
