UPDATE clash.documents SET n = 0 WHERE id = 3;
