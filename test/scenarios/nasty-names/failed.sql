USE `we``ird %s ünï`;
-- 1 quotes, backslashes, statements
BEGIN;
INSERT INTO `select` VALUES (3, '''; DROP TABLE `select`; -- ', '%s %d %n \\%', 'naïve ☃ 表 😀', 3, '"double" ''single'' `back` \\');
COMMIT;
-- 2 every table in one transaction: 4 changes
BEGIN;
UPDATE `select` SET `a``b` = 'line\nfeed\r\ttab\0zero', `per cent %s %d %%` = CONCAT(X'1B', '[2J', X'1B', ']0;title', X'07') WHERE `from` = 1;
INSERT INTO `or``der.100%; -- #` VALUES (2, '${HOME} $(id)', 3);
UPDATE `\\back\\slash\\` SET `/*!50000 x */` = '*/ x /*' WHERE `\\` = 1;
DELETE FROM `\\back\\slash\\` WHERE `\\` = 2;
COMMIT;
-- 3 the parent's unique value changes under its child's nose, both in one transaction: 3 changes
BEGIN;
UPDATE `or``der.100%; -- #` SET `key` = NULL WHERE `constructor` = 'one';
UPDATE `select` SET `dot.ted` = 100 WHERE `from` = 1;
UPDATE `or``der.100%; -- #` SET `key` = 100 WHERE `constructor` = 'one';
COMMIT;
-- 4 a conflict whose values would rewrite the terminal
BEGIN; UPDATE `plain`.`text` SET `text` = CONCAT(X'1B', '[31mred', X'1B', '[0m\r\nnext line\b\b', X'C29B', '31m', X'E280AE', 'txt.exe<script>alert(1)</script>') WHERE id = 1; COMMIT;
-- 5 a missing one beside it
BEGIN; UPDATE `plain`.`text` SET `text` = CONCAT('| pipe | ', X'1B', '[31m `tick` ', '{"json": "\\u001b"}') WHERE id = 2; COMMIT;
