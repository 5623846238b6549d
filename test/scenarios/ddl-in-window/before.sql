USE shop;
INSERT INTO items VALUES (1, 'chair'), (2, 'table');
INSERT INTO notes VALUES (1, 'first');
INSERT INTO tags VALUES (1, 'wood'), (2, 'steel');
INSERT INTO visits VALUES (1, '/');
INSERT INTO coupons VALUES (1, 'MAY');
CREATE USER 'reporting'@'%' IDENTIFIED BY 'x7-Kq_long_enough';
INSERT INTO logins VALUES (1, 1);
