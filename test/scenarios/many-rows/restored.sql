UPDATE shop.prices SET n = 9 WHERE id = 5000;
