UPDATE `plain`.`text` SET `text` = CONCAT('other', X'1B', '[2J') WHERE id = 1;
