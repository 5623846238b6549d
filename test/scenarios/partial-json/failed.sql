USE shop;
SET SESSION binlog_row_value_options = PARTIAL_JSON;
-- 1 a member, a cell and what is gone: 2 changes
BEGIN; UPDATE docs SET doc = JSON_REMOVE(JSON_SET(doc, '$.tags[1]', 'B', '$.since', DATE'2026-11-20', '$.price', 0.10), '$.tags[0]') WHERE id = 1; UPDATE counters SET value = 1; COMMIT;
-- 2 two columns at once, and the same row again: 3 changes
BEGIN; UPDATE docs SET doc = JSON_SET(doc, '$.tags[last]', JSON_OBJECT('deep', -0e0)), more = JSON_SET(more, '$[5]', 18446744073709551615) WHERE id = 1; UPDATE docs SET more = JSON_REPLACE(more, '$[0]', NULL) WHERE id = 1; UPDATE counters SET value = 2; COMMIT;
-- 3 of a large document
UPDATE docs SET doc = JSON_SET(doc, '$.views', 65536, '$.list[9]', JSON_ARRAY(TIME'-01:02:03.5', b'101')) WHERE id = 2;
-- 4 several rows: 2 changes
UPDATE docs SET doc = JSON_SET(doc, '$.seen', TRUE) WHERE id IN (1, 2);
-- 5 changed on A meanwhile
UPDATE docs SET doc = JSON_SET(doc, '$.state', 'paid') WHERE id = 3;
SET SESSION binlog_row_image = MINIMAL;
-- 6 a difference to what the log has not
UPDATE docs SET doc = JSON_SET(doc, '$.state', 'paid') WHERE id = 4;
SET SESSION binlog_row_image = FULL;
-- 7 a row without any JSON
UPDATE counters SET value = 3;
