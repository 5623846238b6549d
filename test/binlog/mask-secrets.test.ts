// No password of a logged statement is shown or written, and nothing else of it is lost.
import { expect, test } from 'vitest';
import { maskSecrets } from '../../src/binlog/mask-secrets.ts';

test.each([
  ["CREATE USER 'a'@'%' IDENTIFIED BY 'sec''ret'", "CREATE USER 'a'@'%' IDENTIFIED BY '***'"],
  [
    `CREATE USER 'a'@'%' IDENTIFIED WITH 'caching_sha2_password' AS '$A$005$x\\'y' REQUIRE NONE`,
    `CREATE USER 'a'@'%' IDENTIFIED WITH 'caching_sha2_password' AS '***' REQUIRE NONE`,
  ],
  [
    "ALTER USER a IDENTIFIED BY 'new' REPLACE 'old', b IDENTIFIED BY \"x\"",
    "ALTER USER a IDENTIFIED BY '***' REPLACE '***', b IDENTIFIED BY '***'",
  ],
  ['ALTER USER a IDENTIFIED WITH p AS 0xdeadbeef', "ALTER USER a IDENTIFIED WITH p AS '***'"],
  [
    "GRANT ALL ON *.* TO a IDENTIFIED BY PASSWORD '*94BD'",
    "GRANT ALL ON *.* TO a IDENTIFIED BY PASSWORD '***'",
  ],
  [
    "CREATE USER a IDENTIFIED VIA mysql_native_password USING PASSWORD('x') OR ed25519 USING 'h'",
    "CREATE USER a IDENTIFIED VIA mysql_native_password USING PASSWORD('***') OR ed25519 USING '***'",
  ],
  ["SET PASSWORD FOR 'a'@'%' = 'x'", "SET PASSWORD FOR 'a'@'%' = '***'"],
  ["SET PASSWORD FOR `a`@`%`=PASSWORD('x')", "SET PASSWORD FOR `a`@`%`=PASSWORD('***')"],
  ["SET PASSWORD='*94BD'", "SET PASSWORD='***'"],
  [
    "CHANGE MASTER TO MASTER_USER='r', MASTER_PASSWORD = 'x'",
    "CHANGE MASTER TO MASTER_USER='r', MASTER_PASSWORD = '***'",
  ],
  [
    "CREATE SERVER s FOREIGN DATA WRAPPER mysql OPTIONS (USER 'u', PASSWORD 'x')",
    "CREATE SERVER s FOREIGN DATA WRAPPER mysql OPTIONS (USER 'u', PASSWORD '***')",
  ],
  ["ALTER TABLE t ADD note VARCHAR(9) DEFAULT 'x'", "ALTER TABLE t ADD note VARCHAR(9) DEFAULT 'x'"],
  ["-- it's an account\nCREATE USER a IDENTIFIED BY 'x'", "CREATE USER a IDENTIFIED BY '***'"],
  ["CREATE USER a IDENTIFIED BY /* 'y' isn't it */ 'x' # don't", "CREATE USER a IDENTIFIED BY   '***'"],
  ["CREATE USER a /*!50000 IDENTIFIED BY 'x' */", "CREATE USER a /*!50000 IDENTIFIED BY '***' */"],
])('%s', (sql, masked) => {
  expect(maskSecrets(sql)).toBe(masked);
});
