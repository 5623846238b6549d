USE types;
INSERT INTO vectors VALUES (1, VEC_FromText('[1,2,3]')), (2, VEC_FromText('[0,0,0]')), (3, VEC_FromText('[0.1,0.2,0.3]'));
INSERT INTO plain VALUES (1, VEC_FromText('[1,2]')), (2, NULL);
