USE shop;
INSERT INTO words VALUES ('Apple', 1), ('pear ', 2);
INSERT INTO exact_words VALUES ('Old', 1), ('x', 1), ('X', 2);
INSERT INTO seats VALUES (1, 'Ann'), (2, 'Bob'), (3, 'Cid'), (4, 'Dan'), (7, 'Fay'), (9, NULL), (10, NULL);
INSERT INTO moves VALUES (1, 'one'), (2, 'two'), (10, 'ten'), (11, 'eleven'), (20, 'twenty');
