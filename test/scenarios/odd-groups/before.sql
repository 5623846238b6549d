USE shop;
INSERT INTO items VALUES (1, 'chair'), (2, 'table');
INSERT INTO counters VALUES (1, 0);
