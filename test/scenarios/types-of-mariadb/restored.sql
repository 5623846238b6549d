INSERT INTO readings.sensors VALUES ('00000000-0000-0000-0000-000000000002', 'fe80::7', NULL);
UPDATE readings.sensors SET doc = REPEAT('c', 300) WHERE at = '::1';
