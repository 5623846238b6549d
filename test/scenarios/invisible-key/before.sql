USE shop;
INSERT INTO notes VALUES ('ann', 'first'), ('bob', 'second'), ('cid', 'third');
