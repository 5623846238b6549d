CREATE DATABASE shop;
USE shop;
CREATE TABLE orders (id INT PRIMARY KEY, status VARCHAR(10) NOT NULL);
CREATE TABLE order_lines (order_id INT NOT NULL, line INT NOT NULL, what VARCHAR(20) NOT NULL, PRIMARY KEY (order_id, line));
