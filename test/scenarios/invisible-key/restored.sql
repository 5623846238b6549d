USE shop;
INSERT INTO notes VALUES ('eve', 'fourth, on the restored side');
UPDATE notes SET body = 'second, otherwise' WHERE body = 'second';
