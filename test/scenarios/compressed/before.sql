USE shop;
INSERT INTO counters VALUES ('notes', 0);
