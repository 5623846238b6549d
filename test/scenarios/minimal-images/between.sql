UPDATE clash.items SET note = 'A later' WHERE id = 6;
