INSERT INTO shop.children VALUES (29, 2, 'kite');
