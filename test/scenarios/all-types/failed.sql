USE types;
SET SESSION sql_mode = '', time_zone = '+05:30';
-- 1 integers at both ends, updated and deleted
BEGIN;
INSERT INTO integers VALUES
  (10, -128, 0, -32768, 0, -8388608, 0, -2147483648, 0, -9223372036854775808, 0, FALSE),
  (11, 127, 255, 32767, 65535, 8388607, 16777215, 2147483647, 4294967295, 9223372036854775807, 18446744073709551615, TRUE),
  (12, -1, 128, -1, 32768, -1, 8388608, -1, 2147483648, -1, 9223372036854775808, NULL);
UPDATE integers SET tu = 200, su = 40000, mu = 10000000, iu = 3000000000, bu = 10000000000000000000, b = -9007199254740993 WHERE id IN (1, 3);
DELETE FROM integers WHERE id = 2;
COMMIT;
-- 2 keys beyond 2^53 and 2^63, which a double can't tell apart
BEGIN;
INSERT INTO big_keys VALUES (9007199254740992, 'two to the 53'), (9007199254740993, 'and one'), (9223372036854775808, 'two to the 63');
UPDATE big_keys SET note = 'still the largest' WHERE id = 18446744073709551615;
DELETE FROM big_keys WHERE id = 18446744073709551614;
COMMIT;
-- 3 fractions
BEGIN;
INSERT INTO fractions VALUES
  (10, 99999999999999999999999999999999999.999999999999999999999999999999, 9999999999, 0.99999, 99.99, 999999999.999999999, 3.4028234e38, 1.7976931348623157e308),
  (11, -99999999999999999999999999999999999.999999999999999999999999999999, -9999999999, -0.99999, 0, -0.000000001, -3.4028234e38, -1.7976931348623157e308),
  (12, 0.000000000000000000000000000001, 1, 0.00001, 0.01, 1.000000001, 1.17549435e-38, 2.2250738585072014e-308),
  (13, -0.000000000000000000000000000001, -1, -0.00001, NULL, 100000000, 1e-45, 5e-324),
  (14, 12345678901234567890.123456789, 1234567890, 0.12345, 12.34, 123456789.987654321, 0.1, 0.1),
  (15, 0, 0, 0, 0, 0, -0e0, -0e0),
  (16, 1, 1, 0, 1, 1, 16777217, 9007199254740993);
UPDATE fractions SET d65 = -1.5, f = 1.1, d = 1e0 / 3 WHERE id IN (1, 3);
DELETE FROM fractions WHERE id = 2;
COMMIT;
-- 4 texts: spaces at the end, quotes, backslashes, zero bytes, emoji, lengths at the length byte's edges
BEGIN;
INSERT INTO texts VALUES
  (10, 'trailing  ', 'trailing  ', ' leading', '', 'O''Brien \\ "x"', '\0\n\r\t\Z', '😀 ünï \\'),
  (11, REPEAT('é', 10), REPEAT('é', 300), REPEAT('x', 3000), REPEAT('y', 255), REPEAT('z', 65535), REPEAT('m', 70000), REPEAT('l', 300000)),
  (12, '😀😀', REPEAT('a', 255), REPEAT('b', 256), REPEAT('c', 254), REPEAT('d', 256), '', NULL),
  (13, '', REPEAT('a', 256), '%_\\%', '<b>&amp;</b>', '; DROP TABLE texts; -- ', CONCAT(X'1B', '[31mred', X'1B', '[0m'), CONCAT(X'E280AE', 'txt.exe'));
UPDATE texts SET c = 'ÿ', v = 'x ', te = REPEAT('é', 1000) WHERE id IN (1, 3);
DELETE FROM texts WHERE id = 2;
COMMIT;
-- 5 text in other character sets
BEGIN;
INSERT INTO charsets VALUES
  (10, '€ smørrebrød „x“', 'Привет, мир', 'こんにちは表ソ', '你好，世界', 'wide 😀', 'vier', 'plain', 'drei €', 'grün', 'Bin'),
  (11, X'8081FF', X'A8B8', X'835C', X'C4E3', '', '', '', '', 'blau', 'x '),
  (12, REPEAT('ÿ', 40), REPEAT('я', 40), REPEAT('ソ', 40), REPEAT('你', 40), REPEAT('😀', 20), REPEAT('四', 10), '0123456789', REPEAT('€', 500), NULL, NULL);
UPDATE charsets SET l = 'größer', r = 'больше', j = 'ソース', w = 'ü', e = 'blau' WHERE id IN (1, 3);
DELETE FROM charsets WHERE id = 2;
COMMIT;
-- 6 bytes: zero bytes at the end, all 256 of them, a third of a megabyte
BEGIN;
INSERT INTO binaries VALUES
  (10, X'00', X'', X'00', X'00FF', X'0A0D1A00275C22', X'FFFE', X'00'),
  (11, X'0102030405060708', REPEAT(X'00', 40), REPEAT(X'FF', 2000), REPEAT(X'80', 255), REPEAT(X'27', 65535), REPEAT(X'00', 70000), REPEAT(X'DEADBEEF', 90000)),
  (12, X'6100', X'6100', X'6120', X'', X'', X'', X'');
UPDATE binaries SET b = X'0000000000000001', v = X'C328', bl = X'F0288CBC' WHERE id IN (1, 3);
DELETE FROM binaries WHERE id = 2;
COMMIT;
-- 7 times: fractions, negative, beyond a day, zero dates, both sides of the end of daylight saving
BEGIN;
INSERT INTO times VALUES
  (10, '1000-01-01', '-838:59:59', '-00:00:00.1', '-01:02:03.004', '-838:59:58.999999', '1000-01-01 00:00:00', '1000-01-01 00:00:00.01', '1000-01-01 00:00:00.000001', '1970-01-01 05:30:01', '1970-01-01 05:30:01.001', '1970-01-01 05:30:01.000001', 1901),
  (11, '9999-12-31', '838:59:59', '23:59:59.9', '838:59:58.999', '838:59:58.999999', '9999-12-31 23:59:59', '9999-12-31 23:59:59.99', '9999-12-31 23:59:59.999999', '2038-01-19 08:44:07', '2038-01-19 08:44:06.999', '2038-01-19 08:44:06.999999', 2155),
  (12, '0000-00-00', '00:00:00', '00:00:00.5', '-00:00:00.001', '-00:00:00.000001', '0000-00-00 00:00:00', '0000-00-00 00:00:00', '0000-00-00 00:00:00', '0000-00-00 00:00:00', '0000-00-00 00:00:00', '0000-00-00 00:00:00', 0),
  (13, '2026-00-00', '12:00:00', '12:00:00.1', '12:00:00.123', '12:00:00.123456', '2026-10-25 02:30:00', '2026-10-25 02:30:00.12', '2026-10-25 02:30:00.123456', '2026-10-25 06:00:00', '2026-10-25 07:00:00.120', '2026-10-25 06:30:00.100000', 1970);
UPDATE times SET t6 = '00:00:01.5', dt6 = '2026-07-01 12:00:00.25', ts3 = '2026-07-01 12:00:00.5', y = 2026 WHERE id IN (1, 3);
DELETE FROM times WHERE id = 2;
COMMIT;
-- 8 choices and bits, ENUM's error value among them
BEGIN;
INSERT INTO choices VALUES
  (10, 'it''s', 'x,y z,it''s,w', '1,64', b'1', b'1111111111111', 18446744073709551615),
  (11, 'ö', 'w', '64', b'0', b'1000000000001', 9223372036854775808),
  (12, 'no such member', '', '33', NULL, b'10', 1),
  (13, '', NULL, '1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30,31,32,33,34,35,36,37,38,39,40,41,42,43,44,45,46,47,48,49,50,51,52,53,54,55,56,57,58,59,60,61,62,63,64', b'1', b'0', 255);
UPDATE choices SET e = 'a,b', s = 'y z,w', b13 = 4095, b64 = 72623859790382856 WHERE id IN (1, 3);
DELETE FROM choices WHERE id = 2;
COMMIT;
-- 9 JSON: key order, large integers, decimals, depth, escapes, scalars
BEGIN;
INSERT INTO documents VALUES
  (10, '{"b": 1, "a": 2, "aa": [1, -1, 1.5, 1e100, true, false, null]}', '"text with \\"quotes\\" and \\u00fc 😀"'),
  (11, '[18446744073709551615, -9223372036854775808, 9007199254740993, 0.1, 12345678901234567890.5]', '0'),
  (12, '{"": {"": {"": [[[[]]]]}}}', 'true'),
  (13, CONCAT('["', REPEAT('x', 70000), '"]'), '{}');
UPDATE documents SET doc = JSON_SET(doc, '$.new', 'value') WHERE id = 1;
UPDATE documents SET doc = '{"was": "NULL"}' WHERE id = 3;
DELETE FROM documents WHERE id = 2;
COMMIT;
-- 10 generated columns
BEGIN;
INSERT INTO made (id, net) VALUES (10, 19.99), (11, NULL);
UPDATE made SET net = 200 WHERE id IN (1, 3);
DELETE FROM made WHERE id = 2;
COMMIT;
-- 11 a key of five types in another order than the columns
BEGIN;
INSERT INTO wide VALUES (1, 'ö', '2026-12-31', 0.01, X'FF000000', 'new'), (-1, '', '2026-12-31', 0, X'00000000', 'empty');
UPDATE wide SET note = 'updated' WHERE a = 1 AND b = 'ä';
DELETE FROM wide WHERE a = 2;
UPDATE wide SET d = d + 1, e = X'00000001' WHERE a = 3;
COMMIT;
