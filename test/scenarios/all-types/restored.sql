USE types;
-- another zone and another character set of the session must not matter
SET SESSION time_zone = '-08:00';
INSERT INTO made (id, net) VALUES (50, 1);
DELETE FROM made WHERE id = 50;
SET SESSION time_zone = DEFAULT;
