USE types;
-- 1 vectors, and the index's own rows
BEGIN;
INSERT INTO vectors VALUES (10, X'FFFF7F3F0000808000000000'), (11, VEC_FromText('[7,8,9]'));
UPDATE vectors SET v = VEC_FromText('[1,2,4]') WHERE id = 1;
DELETE FROM vectors WHERE id = 2;
COMMIT;
-- 2 without an index
BEGIN;
INSERT INTO plain VALUES (3, VEC_FromText('[-1,0.5]'));
UPDATE plain SET v = VEC_FromText('[0,0]') WHERE id = 2;
DELETE FROM plain WHERE id = 1;
COMMIT;
