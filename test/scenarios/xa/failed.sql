USE shop;
-- 1 prepared: a group of its own, which changes nothing yet
XA START 'transfer'; INSERT INTO transfers VALUES (1, 100); UPDATE accounts SET cents = cents - 100 WHERE id = 1; UPDATE accounts SET cents = cents + 100 WHERE id = 2; XA END 'transfer'; XA PREPARE 'transfer';
-- 2 and committed: 3 changes
XA COMMIT 'transfer';
-- 3 prepared
XA START 'refused', 'branch', 7; INSERT INTO transfers VALUES (2, 999); UPDATE accounts SET cents = 0 WHERE id = 1; XA END 'refused', 'branch', 7; XA PREPARE 'refused', 'branch', 7;
-- 4 and rolled back: none of its 2 changes ever was
XA ROLLBACK 'refused', 'branch', 7;
-- 5 in one phase: an ordinary transaction
XA START 'single'; INSERT INTO transfers VALUES (3, 300); UPDATE accounts SET cents = cents + 300 WHERE id = 2; XA END 'single'; XA COMMIT 'single' ONE PHASE;
-- 6 plain, on a row that XA wrote
UPDATE accounts SET cents = cents + 1 WHERE id = 1;
-- 7 prepared
XA START 'conflict'; UPDATE accounts SET cents = cents - 50 WHERE id = 3; INSERT INTO transfers VALUES (4, 50); XA END 'conflict'; XA PREPARE 'conflict';
-- 8 and committed, where A has changed the row
XA COMMIT 'conflict';
-- 9 prepared when B dies: nobody says what is to become of it
XA START 'undecided'; UPDATE accounts SET cents = 1 WHERE id = 4; XA END 'undecided'; XA PREPARE 'undecided';
