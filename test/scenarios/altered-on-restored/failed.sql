USE shop;
-- 1 whose two columns change places on A
BEGIN; INSERT INTO reordered VALUES (1, 100, 119); COMMIT;
-- 2 whose columns get each other's names
BEGIN; INSERT INTO renamed VALUES (1, 100, 119); COMMIT;
-- 3 where one column goes and another one of its type comes
BEGIN; INSERT INTO replaced VALUES (1, 100, 119); COMMIT;
-- 4 whose text gets a longer length
BEGIN; INSERT INTO widened VALUES (1, 'lamp'); COMMIT;
-- 5 whose number gets a larger type
BEGIN; INSERT INTO larger VALUES (1, -1); COMMIT;
-- 6 that A dropped
BEGIN; INSERT INTO gone VALUES (1); COMMIT;
-- 7 that A replaced by another one, as online schema changes do
BEGIN; INSERT INTO swapped VALUES (1, 100, 119); COMMIT;
-- 8 that only got an index
BEGIN; INSERT INTO indexed VALUES (1, 1); COMMIT;
-- 9 that nobody touched
BEGIN; INSERT INTO untouched VALUES (1, 1); COMMIT;
