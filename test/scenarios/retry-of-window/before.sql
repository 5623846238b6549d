USE shop;
INSERT INTO orders VALUES (1, 'new'), (2, 'new'), (3, 'new');
INSERT INTO accounts VALUES (1, 100), (2, 100), (3, 100), (4, 100), (5, 100), (6, 100);
INSERT INTO counters VALUES ('mails', 0), ('logins', 0);
