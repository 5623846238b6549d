// The session variables that every connection of ours runs with, whatever the server's defaults are.
import type { Connection } from 'mysql2/promise';

/**
 * Known to every MySQL 5.7+ and MariaDB 10.2+, and open to any account.
 * sql_mode: ANSI_QUOTES and NO_BACKSLASH_ESCAPES would change what our quoting means, PAD_CHAR_TO_FULL_LENGTH what
 * CHAR values read as; a strict mode, for a value cut short in silence is a wrong row; zero and impossible dates are
 * let through, for the failed primary may hold them; a 0 written to an AUTO_INCREMENT column stays 0.
 */
const UNIVERSAL: readonly string[] = [
  `sql_mode='STRICT_ALL_TABLES,STRICT_TRANS_TABLES,ALLOW_INVALID_DATES,NO_AUTO_VALUE_ON_ZERO,NO_ENGINE_SUBSTITUTION'`,
  `time_zone='+00:00'`,
  // Without results conversion a column's bytes arrive as they are stored. Our own SQL is UTF-8.
  `character_set_client=utf8mb4`,
  `collation_connection=utf8mb4_bin`,
  `character_set_results=NULL`,
  `autocommit=1`,
  // A COMMIT that chains or releases would break the replay's transactions.
  `completion_type=0`,
  // These cut or twist results in silence: a global row limit; WHERE id IS NULL meaning the last insert.
  `sql_select_limit=18446744073709551615`,
  `sql_big_selects=1`,
  `sql_auto_is_null=0`,
  `sql_safe_updates=0`,
  `group_concat_max_len=1073741824`,
  `sql_quote_show_create=1`,
  `foreign_key_checks=1`,
  `unique_checks=1`,
  // Long diffs leave a session idle or a result half read.
  `net_read_timeout=600`,
  `net_write_timeout=600`,
  `wait_timeout=28800`,
  // We wait for customers, not they for us: a queued metadata lock request of ours would block everybody behind it.
  `lock_wait_timeout=10`,
  `innodb_lock_wait_timeout=5`,
];

/** Set where the server has them and they are not so already: some need a privilege to be changed, none to be read. */
const WHERE_PRESENT: Readonly<Record<string, string>> = {
  max_execution_time: '0',
  max_statement_time: '0',
  idle_transaction_timeout: '0',
  idle_readonly_transaction_timeout: '0',
  idle_write_transaction_timeout: '0',
  transaction_read_only: 'OFF',
  tx_read_only: 'OFF',
  // Off, the generated invisible primary key is missing from information_schema, and its table looks keyless.
  show_gipk_in_create_table_and_information_schema: 'ON',
  // A secondary engine (HeatWave) answers from a copy that may lag.
  use_secondary_engine: 'OFF',
  // Above so many keys a server guesses how many rows they bring, by statistics that NULLs or age make wrong, and reads
  // the whole index instead.
  eq_range_index_dive_limit: '0',
  // A look-up whose ranges need more memory than this becomes a scan; 0 is no limit.
  range_optimizer_max_mem_size: '0',
  // From so many values on MariaDB makes a join of a list, which reads, and locks, the whole table; 0 is no limit.
  in_predicate_conversion_threshold: '0',
  check_constraint_checks: 'ON',
  // Our look-ups name unique indexes, and count on those under foreign keys, that nobody else's statements may see.
  optimizer_switch: `'use_invisible_indexes=on'`,
  // Set, every look-up would read the past of a system-versioned table.
  system_versioning_asof: 'DEFAULT',
};

/** The one statement that the later connections to the same server need. */
export async function prepareSession(connection: Connection): Promise<string> {
  const statement = `SET SESSION ${UNIVERSAL.join(', ')}`;
  await connection.query(statement);
  const names = Object.keys(WHERE_PRESENT).map((name) => `'${name}'`);
  const [rows] = await connection.query({
    sql: `SHOW SESSION VARIABLES WHERE Variable_name IN (${names.join(', ')})`,
    rowsAsArray: true,
    typeCast: (field) => field.string('utf8'),
  });
  const changes: string[] = [];
  for (const [name, value] of rows as unknown as [string, string][]) {
    const wanted = WHERE_PRESENT[name.toLowerCase()]!;
    if (!isSo(name.toLowerCase(), value, wanted)) changes.push(`${name}=${wanted}`);
  }
  if (changes.length === 0) return statement;
  await connection.query(`SET SESSION ${changes.join(', ')}`);
  return `${statement}, ${changes.join(', ')}`;
}

function isSo(name: string, value: string, wanted: string): boolean {
  // A list of switches, of which only this one is ours; a server without it has nothing to switch on.
  if (name === 'optimizer_switch') return !value.includes('use_invisible_indexes=off');
  return /^\d/.test(wanted) ? Number(value) === Number(wanted) : value.toUpperCase() === wanted;
}
