USE shop;
INSERT INTO words VALUES ('kiwi ', 5);
UPDATE words SET word = 'pear' WHERE word = 'pear';
INSERT INTO exact_words VALUES ('old', 9);
INSERT INTO seats VALUES (6, 'EVE');
INSERT INTO moves VALUES (21, 'of A');
