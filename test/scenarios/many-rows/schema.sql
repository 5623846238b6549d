CREATE DATABASE shop;
USE shop;
CREATE TABLE digits (d INT PRIMARY KEY);
CREATE TABLE stock (id INT PRIMARY KEY, n INT NOT NULL, note VARCHAR(50) NOT NULL);
CREATE TABLE prices (id INT PRIMARY KEY, n INT NOT NULL);
INSERT INTO digits VALUES (0), (1), (2), (3), (4), (5), (6), (7), (8), (9);
INSERT INTO prices SELECT a.d * 1000 + b.d * 100 + c.d * 10 + d.d, 1 FROM digits a, digits b, digits c, digits d;
