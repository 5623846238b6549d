USE types;
INSERT INTO sessions VALUES ('123e4567-e89b-12d3-a456-426614174000', NULL, 'one'), ('01890a5d-ac96-774b-bcce-b302099a8057', '123e4567-e89b-12d3-a456-426614174000', 'two'), ('00000000-0000-0000-0000-000000000000', NULL, 'nil');
INSERT INTO hosts VALUES ('10.0.0.0', '::', 'zeros'), ('255.255.255.255', '::ffff:1.2.3.4', 'mapped'), ('1.2.3.4', 'fe80::1', 'link');
INSERT INTO packed (id, v, te, bl) VALUES (1, 'a', 'a', 'a'), (2, '', '', ''), (3, NULL, NULL, NULL);
INSERT INTO shapes VALUES (1, ST_GeomFromText('POINT(1 2)', 4326), ST_GeomFromText('POINT(1 2)'), NULL, NULL), (2, NULL, POINT(0, 0), NULL, NULL);
INSERT INTO measured VALUES (0.1, 'a tenth'), (16777216, 'two to the 24'), (-3.4028234e38, 'smallest'), (1e-45, 'least');
INSERT INTO readings.sensors VALUES ('6ba7b810-9dad-41d1-80b4-00c04fd430c8', '::1', REPEAT('a', 500));
