CREATE DATABASE shop;
USE shop;
CREATE TABLE clicks (at DATETIME NOT NULL, page VARCHAR(40), weight FLOAT, note TEXT CHARACTER SET utf8mb4 COLLATE utf8mb4_general_ci);
CREATE TABLE bags (owner INT NOT NULL, item VARCHAR(20), price DECIMAL(8,2), KEY (owner));
CREATE TABLE codes (code VARCHAR(20) CHARACTER SET utf8mb4 COLLATE utf8mb4_general_ci NOT NULL, used INT NOT NULL, UNIQUE KEY by_code (code));
CREATE TABLE orders (id INT PRIMARY KEY, status VARCHAR(12) NOT NULL);
