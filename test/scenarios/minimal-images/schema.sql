CREATE DATABASE shop CHARACTER SET utf8mb4;
CREATE DATABASE clash CHARACTER SET utf8mb4;
CREATE TABLE shop.items (
  id INT PRIMARY KEY,
  name VARCHAR(20),
  price DECIMAL(8,2) NOT NULL DEFAULT 1.50,
  state ENUM('new', 'old') DEFAULT 'old',
  note TEXT,
  pic BLOB,
  f FLOAT,
  at DATETIME(3) DEFAULT '2026-01-01 00:00:00.500',
  made TIMESTAMP DEFAULT CURRENT_TIMESTAMP,
  UNIQUE KEY name (name)
);
CREATE TABLE clash.items LIKE shop.items;
-- the replay's own rows are logged like that, too
SET GLOBAL binlog_row_image = MINIMAL;
