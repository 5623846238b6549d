INSERT INTO readings.sensors VALUES (3, 0.7, 3, NULL, NULL);
UPDATE readings.sensors SET at = ST_GeomFromText('POINT(1 2)', 3857), v = TO_VECTOR('[1,0.1]') WHERE id = 1;
