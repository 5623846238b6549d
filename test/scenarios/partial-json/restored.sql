USE shop;
UPDATE docs SET doc = JSON_SET(doc, '$.state', 'cancelled') WHERE id = 3;
