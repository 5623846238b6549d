USE types;
INSERT INTO shapes (id, g, p) VALUES
  (1, ST_GeomFromText('POINT(1 2)', 4326), ST_GeomFromText('POINT(1 2)')),
  (2, NULL, NULL),
  (3, ST_GeomFromText('LINESTRING(0 0,1 1)', 3857), NULL);
INSERT INTO places VALUES (1, ST_GeomFromText('POINT(52.5 13.4)', 4326)), (2, ST_GeomFromText('POINT(-90 180)', 4326));
INSERT INTO vectors VALUES (1, TO_VECTOR('[1,2,3]'), NULL), (2, NULL, NULL), (3, TO_VECTOR('[0.1]'), NULL);
INSERT INTO measured VALUES (0.1, 'a tenth'), (16777216, 'two to the 24'), (-3.4028234e38, 'smallest'), (1e-45, 'least');
INSERT INTO doubles VALUES (0.1, 'a tenth'), (-0e0, 'minus zero'), (1.7976931348623157e308, 'largest');
INSERT INTO readings.sensors VALUES (1, 0.1, 0.1, ST_GeomFromText('POINT(1 2)', 4326), TO_VECTOR('[1,2]'));
