CREATE DATABASE shop CHARACTER SET utf8mb4;
CREATE DATABASE clash CHARACTER SET utf8mb4;
CREATE TABLE shop.items (
  id INT PRIMARY KEY AUTO_INCREMENT,
  name VARCHAR(20) DEFAULT 'none' UNIQUE,
  net DECIMAL(8,2),
  gross DECIMAL(8,2) AS (net * 1.19) STORED,
  label VARCHAR(30) AS (CONCAT(name, '!')) VIRTUAL,
  note TEXT, pic LONGBLOB, place POINT
);
CREATE TABLE clash.documents (id INT PRIMARY KEY, n INT, doc JSON, note TEXT);
CREATE TABLE clash.parents (id INT PRIMARY KEY);
CREATE TABLE clash.children (id INT PRIMARY KEY, n INT, note TEXT, parent INT, FOREIGN KEY kin (parent) REFERENCES clash.parents (id) ON DELETE SET NULL);
CREATE TABLE clash.strict (id INT PRIMARY KEY, n INT NOT NULL, s SET('a', 'b') DEFAULT 'a');
