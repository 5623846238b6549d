USE `we``ird %s ünï`;
INSERT INTO `select` VALUES (1, 'a', 'b', 'c', 1, 'd'), (2, 'a', 'b', 'c', 2, 'd');
INSERT INTO `or``der.100%; -- #` VALUES (1, 'one', 1);
INSERT INTO `\\back\\slash\\` VALUES (1, 'x'), (2, 'y');
INSERT INTO `plain`.`text` VALUES (1, 'first'), (2, 'second');
