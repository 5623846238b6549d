CREATE DATABASE shop CHARACTER SET utf8mb4;
CREATE TABLE shop.items (
  id INT PRIMARY KEY, a INT, b INT, name VARCHAR(300), note TEXT NOT NULL, state ENUM('x', 'y'), amount DECIMAL(10,2), at DATETIME(3), bits BIT(9), code CHAR(3) UNIQUE
);
