USE types;
-- 1 geometries of every kind, with and without a spatial reference system
BEGIN;
INSERT INTO shapes VALUES
  (10, ST_GeomFromText('POINT(-90 180)', 4326), ST_GeomFromText('POINT(0.1 -0.2)', 3857), ST_GeomFromText('LINESTRING(0 0,1 1,2 5)'),
    ST_GeomFromText('POLYGON((0 0,0 10,10 10,10 0,0 0),(1 1,1 2,2 2,2 1,1 1))'), ST_GeomFromText('MULTIPOINT((1 1),(2 2))'),
    ST_GeomFromText('MULTILINESTRING((0 0,1 1),(2 2,3 3))', 4326), ST_GeomFromText('MULTIPOLYGON(((0 0,0 1,1 1,0 0)))'),
    ST_GeomFromText('GEOMETRYCOLLECTION(POINT(1 1),GEOMETRYCOLLECTION(LINESTRING(0 0,1 1)))')),
  (11, ST_GeomFromText('GEOMETRYCOLLECTION EMPTY', 4326), NULL, NULL, NULL, NULL, NULL, NULL, ST_GeomFromText('GEOMETRYCOLLECTION EMPTY'));
UPDATE shapes SET g = ST_SRID(g, 0) WHERE id = 1;
UPDATE shapes SET p = ST_GeomFromText('POINT(1e300 -1e-300)') WHERE id = 3;
DELETE FROM shapes WHERE id = 2;
COMMIT;
-- 2 a column of one reference system, with an index over space
BEGIN;
INSERT INTO places VALUES (10, ST_GeomFromText('POINT(0.000001 0.000001)', 4326));
UPDATE places SET at = ST_GeomFromText('POINT(52.5 13.5)', 4326) WHERE id = 1;
DELETE FROM places WHERE id = 2;
COMMIT;
-- 3 vectors: shorter than declared, at both ends of what a float holds
BEGIN;
INSERT INTO vectors VALUES (10, TO_VECTOR('[3.4028234e38,-1.17549435e-38,-0]'), TO_VECTOR(CONCAT('[', REPEAT('0.333,', 2047), '1]'))), (11, TO_VECTOR('[7]'), NULL);
UPDATE vectors SET v = TO_VECTOR('[1,2,4]') WHERE id = 1;
DELETE FROM vectors WHERE id = 3;
COMMIT;
-- 4 rows whose key is a FLOAT
BEGIN;
INSERT INTO measured VALUES (16777218, 'the next one'), (0.2, 'two tenths'), (0, 'zero');
UPDATE measured SET note = 'changed' WHERE note IN ('a tenth', 'least');
UPDATE measured SET f = -1.5 WHERE note = 'two to the 24';
DELETE FROM measured WHERE note = 'smallest';
COMMIT;
-- 5 rows whose key is a DOUBLE, one of them minus zero
BEGIN;
INSERT INTO doubles VALUES (5e-324, 'least');
UPDATE doubles SET note = 'changed' WHERE note IN ('a tenth', 'minus zero');
DELETE FROM doubles WHERE note = 'largest';
COMMIT;
-- 6 the restored primary has given the FLOAT to another row
INSERT INTO readings.sensors VALUES (2, 0.7, 2, NULL, NULL);
-- 7 and has moved and measured this one differently
UPDATE readings.sensors SET at = ST_GeomFromText('POINT(3 4)', 4326), v = TO_VECTOR('[5,6]') WHERE id = 1;
