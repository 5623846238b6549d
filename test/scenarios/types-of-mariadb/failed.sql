USE types;
-- 1 UUIDs of several versions, one that ends in zeros, and a child of a new row
BEGIN;
INSERT INTO sessions VALUES ('6ba7b810-9dad-41d1-80b4-00c04fd43000', NULL, 'zeros at the end'), ('ffffffff-ffff-ffff-ffff-ffffffffffff', '6ba7b810-9dad-41d1-80b4-00c04fd43000', 'child');
UPDATE sessions SET note = 'changed' WHERE id IN ('01890a5d-ac96-774b-bcce-b302099a8057', '123e4567-e89b-12d3-a456-426614174000');
DELETE FROM sessions WHERE note = 'nil';
COMMIT;
-- 2 addresses in a key of two columns
BEGIN;
INSERT INTO hosts VALUES ('0.0.0.0', '2001:db8::', 'new'), ('0.0.0.1', '::1', 'loopback');
UPDATE hosts SET note = 'changed' WHERE note IN ('zeros', 'mapped');
UPDATE hosts SET a6 = 'fe80::2' WHERE note = 'link';
COMMIT;
-- 3 compressed columns, values that compress and some that do not
BEGIN;
INSERT INTO packed VALUES
  (10, REPEAT('x', 50), REPEAT('é', 3000), REPEAT('t', 255), REPEAT('abc', 20000), REPEAT('m', 70000), REPEAT('long ', 100000), REPEAT(X'00', 2000), REPEAT(X'DEADBEEF', 10000), REPEAT(X'FF', 70000)),
  (11, X'8081FF', 'short', '', 'é', '', '', X'00', X'', X'0A');
UPDATE packed SET te = REPEAT('changed ', 5000), bl = '' WHERE id IN (1, 3);
SET SESSION column_compression_zlib_wrap = ON, column_compression_threshold = 0;
UPDATE packed SET v = REPEAT('z', 40) WHERE id = 1;
DELETE FROM packed WHERE id = 2;
COMMIT;
-- 4 geometries
BEGIN;
INSERT INTO shapes VALUES (10, ST_GeomFromText('LINESTRING(0 0,1 1)', 3857), POINT(-1.5, 2.5), ST_GeomFromText('POLYGON((0 0,0 1,1 1,0 0))'), ST_GeomFromText('GEOMETRYCOLLECTION(POINT(1 1))'));
UPDATE shapes SET g = ST_GeomFromText('POINT(1 2)', 3857) WHERE id = 1;
DELETE FROM shapes WHERE id = 2;
COMMIT;
-- 5 rows whose key is a FLOAT
BEGIN;
INSERT INTO measured VALUES (16777218, 'the next one'), (0.2, 'two tenths'), (0, 'zero');
UPDATE measured SET note = 'changed' WHERE note IN ('a tenth', 'least');
UPDATE measured SET f = -1.5 WHERE note = 'two to the 24';
DELETE FROM measured WHERE note = 'smallest';
COMMIT;
-- 6 the restored primary has given the address to another row
INSERT INTO readings.sensors VALUES ('00000000-0000-0000-0000-000000000001', 'fe80::7', NULL);
-- 7 and has written another document
UPDATE readings.sensors SET doc = 'b' WHERE at = '::1';
