INSERT INTO shop.items VALUES
  (1, 10, 20, 'one', 'n', 'x', 1.50, '2026-01-01 00:00:00.500', b'1', 'aaa'),
  (2, 20, 10, 'two', '', 'y', NULL, NULL, NULL, NULL),
  (3, 1, 1, 'three', 'n', NULL, -1, '2026-01-01 00:00:00', b'111111111', 'ccc'),
  (4, 7, 8, 'four', 'n', 'x', 4, NULL, NULL, 'ddd'),
  (5, NULL, 5, 'five', 'n', 'x', 5, NULL, NULL, 'eee');
-- nobody else has heard of it
SET sql_log_bin = 0;
ALTER TABLE shop.items MODIFY COLUMN b INT FIRST, MODIFY COLUMN note TEXT NOT NULL AFTER b, MODIFY COLUMN bits BIT(9) AFTER note, MODIFY COLUMN id INT NOT NULL AFTER bits, MODIFY COLUMN amount DECIMAL(10,2) AFTER code;
SET sql_log_bin = 1;
