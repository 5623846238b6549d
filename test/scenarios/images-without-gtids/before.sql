INSERT INTO shop.items VALUES (1, 'one', 'a note');
