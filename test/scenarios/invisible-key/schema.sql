CREATE DATABASE shop;
USE shop;
SET sql_generate_invisible_primary_key = ON;
CREATE TABLE notes (author VARCHAR(20) NOT NULL, body VARCHAR(80) NOT NULL);
SET sql_generate_invisible_primary_key = OFF;
