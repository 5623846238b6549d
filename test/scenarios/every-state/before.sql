USE shop;
INSERT INTO customers (id, email, name, city) VALUES
  (1, 'c1@shop.test', 'One', 'Bonn'), (2, 'c2@shop.test', 'Two', 'Bonn'), (3, 'c3@shop.test', 'Three', 'Bonn'),
  (4, 'c4@shop.test', 'Four', 'Bonn'), (5, 'c5@shop.test', 'Fife', 'Bonn'), (6, 'c6@shop.test', 'Six', 'Bonn'),
  (7, 'c7@shop.test', 'Seven', 'Bonn'), (8, 'c8@shop.test', 'Eight', 'Bonn'), (9, 'c9@shop.test', 'Nine', 'Bonn'),
  (10, 'c10@shop.test', 'Ten', 'Bonn'), (11, 'c11@shop.test', 'Eleven', 'Bonn'), (12, 'c12@shop.test', 'Twelve', 'Bonn');
INSERT INTO products (sku, stock, price) VALUES
  ('P001', 100, 10), ('P002', 100, 10), ('P003', 100, 10), ('P004', 100, 10),
  ('P005', 100, 10), ('P006', 100, 10), ('P007', 100, 10), ('P008', 100, 10);
INSERT INTO orders (id, customer_id, status, total) VALUES
  (1, 1, 'new', 20), (2, 2, 'new', 20), (3, 3, 'new', 20), (4, 4, 'new', 20), (5, 5, 'new', 20), (6, 6, 'new', 20),
  (7, 1, 'new', 20), (8, 2, 'new', 20), (9, 3, 'new', 20), (10, 4, 'new', 20), (11, 5, 'new', 20), (12, 6, 'new', 20);
INSERT INTO order_items (order_id, line, sku, quantity) SELECT id, 1, 'P001', 2 FROM orders;
INSERT INTO accounts (id, balance) VALUES
  (1, 100), (2, 100), (3, 100), (4, 100), (5, 100), (6, 100), (7, 100), (8, 100), (9, 100), (10, 100);
INSERT INTO audit_log VALUES ('2026-11-20', 1, 'cron', 'one'), ('2026-11-20', 2, 'cron', 'two'), ('2026-11-20', 3, 'cron', 'three');
INSERT INTO counters VALUES ('visits', 1000), ('mails', 50), ('retries', 0);
