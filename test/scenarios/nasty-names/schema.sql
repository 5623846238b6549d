CREATE DATABASE `we``ird %s ünï`;
CREATE DATABASE `plain`;
USE `we``ird %s ünï`;
CREATE TABLE `select` (
  `from` INT PRIMARY KEY,
  `a``b` VARCHAR(200),
  `per cent %s %d %%` VARCHAR(200),
  `naïve ☃ 表` VARCHAR(200),
  `dot.ted` INT,
  `'quoted' "twice"` VARCHAR(200),
  UNIQUE KEY `uni``que %s` (`dot.ted`)
);
CREATE TABLE `or``der.100%; -- #` (
  `__proto__` INT NOT NULL,
  `constructor` VARCHAR(20) NOT NULL,
  `key` INT,
  PRIMARY KEY (`constructor`, `__proto__`),
  CONSTRAINT `for``eign %s` FOREIGN KEY (`key`) REFERENCES `select` (`dot.ted`)
);
CREATE TABLE `\\back\\slash\\` (`\\` INT PRIMARY KEY, `/*!50000 x */` VARCHAR(20));
CREATE TABLE `plain`.`text` (`id` INT PRIMARY KEY, `text` TEXT);
