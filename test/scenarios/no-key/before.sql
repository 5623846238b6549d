USE shop;
INSERT INTO clicks VALUES
  ('2026-11-20 09:00:00', '/old', 0.1, 'a'),
  ('2026-11-20 09:00:00', '/old', 0.1, 'a'),
  ('2026-11-20 09:00:00', '/old', 0.1, 'A'),
  ('2026-11-20 09:00:01', '/gone', NULL, NULL),
  ('2026-11-20 09:00:02', NULL, 1e30, 'x');
INSERT INTO bags VALUES (1, 'apple', 1.00), (1, 'apple', 1.00), (1, 'pear', 2.00), (2, 'plum', 3.00), (3, 'fig', 4.00), (4, 'date', 5.00);
INSERT INTO codes VALUES ('Alpha', 0), ('Beta', 0), ('Gamma', 0);
INSERT INTO orders VALUES (1, 'new'), (2, 'new');
