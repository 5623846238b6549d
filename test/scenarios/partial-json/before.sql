USE shop;
INSERT INTO counters VALUES ('docs', 0);
INSERT INTO docs VALUES
  (1, 'small', JSON_OBJECT('tags', JSON_ARRAY('a', 'b', 'c'), 'price', 12.50, 'text', REPEAT('x', 200)), JSON_ARRAY(1, REPEAT('y', 200))),
  (2, 'large', JSON_OBJECT('page', REPEAT('long ', 20000), 'views', 65535, 'list', JSON_ARRAY(1, 2, 3)), NULL),
  (3, 'changed on A', JSON_OBJECT('state', 'new', 'text', REPEAT('x', 200)), NULL),
  (4, 'key only', JSON_OBJECT('state', 'new', 'text', REPEAT('x', 200)), NULL);
