// Connecting, coordinates and the catalogue against real servers of both flavours.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { rootCertificates } from 'node:tls';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readCatalogue, type TableDefinition } from '../../src/server/catalogue.ts';
import { connectServer, type Server } from '../../src/server/connection.ts';
import { binaryLogs, readCoordinates, readExecuted } from '../../src/server/coordinates.ts';
import { readGrants } from '../../src/server/grants.ts';
import { GtidSet } from '../../src/server/gtid-set.ts';
import { readIdentity } from '../../src/server/identity.ts';
import { replicatesFrom } from '../../src/server/replication-source.ts';
import type { RowSet } from '../../src/server/row-set.ts';
import { chooseServer, type ServerChoice } from '../../src/server/server-choice.ts';
import { readSettings } from '../../src/server/settings.ts';
import { sendBatch } from '../../src/server/statement-batch.ts';
import { type SandboxServer, startServer, stopAll } from '../sandbox/index.ts';

const GTID_ON = ['--gtid-mode=ON', '--enforce-gtid-consistency=ON'];
// What an administrator might have set, and what must not reach our sessions.
const TWISTED = [
  '--sql-mode=ANSI_QUOTES,NO_BACKSLASH_ESCAPES,PAD_CHAR_TO_FULL_LENGTH',
  '--autocommit=0',
  '--completion-type=CHAIN',
];

let mysql: SandboxServer;
let withoutGtids: SandboxServer;
let mariadb: SandboxServer;
const opened: Server[] = [];
const folder = mkdtempSync(join(tmpdir(), 'live-servers-'));

beforeAll(async () => {
  [mysql, withoutGtids, mariadb] = await Promise.all([
    startServer({ name: 'mysql', serverId: 1, args: [...GTID_ON, ...TWISTED, '--max-execution-time=1000'] }),
    startServer({ name: 'nogtid', serverId: 2, args: ['--gtid-mode=OFF', '--enforce-gtid-consistency=OFF'] }),
    startServer({
      name: 'mariadb',
      flavor: 'mariadb',
      serverId: 3,
      args: [...TWISTED, '--max-statement-time=1'],
    }),
  ]);
});

afterAll(async () => {
  await Promise.all(opened.map((server) => server.close()));
  await stopAll();
  rmSync(folder, { recursive: true });
});

async function choice(
  server: SandboxServer,
  changes: { user?: string; password?: string; mode?: string; ca?: string; host?: string } = {},
): Promise<ServerChoice> {
  const { user = server.user, password = server.password, mode, ca, host = server.host } = changes;
  const given = `mysql://${encodeURIComponent(user)}:${encodeURIComponent(password)}@${host}:${server.port}`;
  const tls = { origin: 'test', mode, ca };
  return (await chooseServer({ role: 'failed', given, tls, options: [], environment: {}, prompt: null }))!;
}

async function connect(server: SandboxServer, changes: Parameters<typeof choice>[1] = {}): Promise<Server> {
  const connected = await connectServer(await choice(server, changes));
  opened.push(connected);
  return connected;
}

const refused = async (made: Promise<ServerChoice>): Promise<string> => {
  const error = await made.then(connectServer).then(
    () => null,
    (reason) => reason,
  );
  expect(error?.code).toBe('connection');
  return `${error.message} | ${error.hint}`;
};

describe('connecting', () => {
  test('TLS as --ssl-mode says', async () => {
    const ca = await mysql.tlsCaFile();
    expect((await connect(mysql)).encrypted).toBe(true);
    expect((await connect(mysql, { mode: 'DISABLED' })).encrypted).toBe(false);
    if (ca === undefined) return;
    const verified = await connect(mysql, { mode: 'VERIFY_CA', ca });
    const [row] = await verified.query(`SHOW SESSION STATUS LIKE 'Ssl_version'`);
    expect(row?.Value).toMatch(/^TLSv1\.[23]$/);
    // The automatic certificate names no host.
    expect(await refused(choice(mysql, { mode: 'VERIFY_IDENTITY', ca, host: 'localhost' }))).toMatch(
      /TLS failed: Hostname/,
    );
    // Made by somebody else, and valid in itself.
    const stranger = join(folder, 'ca.pem');
    writeFileSync(stranger, rootCertificates[0]!);
    expect(await refused(choice(mysql, { mode: 'VERIFY_CA', ca: stranger }))).toMatch(/TLS failed/);
  });

  test('what goes wrong has a way out, and no password in it', async () => {
    const wrong = await refused(choice(mysql, { password: 'geheim' }));
    expect(wrong).toMatch(
      /failed primary 127\.0\.0\.1:\d+: access denied for user \w+ \(a password was given\) \| .*RECONCILE_FAILED_PASSWORD/,
    );
    expect(wrong).not.toContain('geheim');
    const nobody = { ...(await choice(mysql)), address: { host: '127.0.0.1', port: 1 } };
    expect(await refused(Promise.resolve(nobody))).toMatch(/127\.0\.0\.1:1: nothing listens there/);
    const nowhere = { ...(await choice(mysql)), address: { host: 'no-such-host.invalid', port: 3306 } };
    expect(await refused(Promise.resolve(nowhere))).toMatch(/can't be resolved|no answer/);
    const socket = {
      ...(await choice(mysql)),
      address: { host: 'localhost', port: 1, socketPath: '/no/such.sock' },
    };
    expect(await refused(Promise.resolve(socket))).toMatch(/\/no\/such\.sock: there is no such socket/);
  });

  test.each(['mysql', 'mariadb'] as const)(
    '%s: sessions are ours, whatever the server’s defaults',
    async (flavor) => {
      const server = await connect(flavor === 'mysql' ? mysql : mariadb);
      const statement = `SELECT @@sql_mode AS mode, @@autocommit AS autocommit, @@completion_type AS completion,
      @@time_zone AS zone, '\\\\' AS backslash, CAST(18446744073709551615 AS UNSIGNED) AS big, NULL AS nothing, 'ü😀' AS text`;
      for (const connection of [server.connection, await server.open()]) {
        const { answers } = await sendBatch(connection, [statement]);
        const [texts] = Array.from(answers[0] as RowSet, (row) => row.texts());
        const [mode, autocommit, completion, zone, backslash, big, nothing, text] = texts!.map(
          (value) => value && Buffer.from(value, 'latin1').toString(),
        );
        expect(mode).not.toMatch(/ANSI_QUOTES|NO_BACKSLASH|PAD_CHAR/);
        expect([autocommit, completion, zone, backslash]).toEqual(['1', 'NO_CHAIN', '+00:00', '\\']);
        expect([big, nothing, text]).toEqual(['18446744073709551615', null, 'ü😀']);
      }
      // The server's limits on time are lifted: SLEEP would be cut short by them.
      expect((await server.query('SELECT SLEEP(1.1) AS slept'))[0]?.slept).toBe('0');
      await expect(server.query('SELECT * FROM nowhere.nothing')).rejects.toMatchObject({ code: 'internal' });
    },
  );

  test('a connection that the server ends is an error of the next query, not the end of the process', async () => {
    const server = await connect(mysql);
    const [row] = await server.query('SELECT CONNECTION_ID() AS id');
    await mysql.query(`KILL ${row!.id}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
    await expect(server.query('SELECT 1')).rejects.toMatchObject({ code: 'connection' });
    await server.close();
  });
});

describe('identity, settings, coordinates', () => {
  test('MySQL with GTIDs', async () => {
    const server = await connect(mysql);
    const identity = await readIdentity(server);
    expect(identity).toMatchObject({ flavor: 'mysql', serverId: 1, uid: null, version: mysql.version });
    const before = await readCoordinates(server);
    await mysql.query('CREATE DATABASE gtids');
    const after = await readCoordinates(server);
    const added = GtidSet.parse(after.gtidSet!).subtract(GtidSet.parse(before.gtidSet!));
    expect(added.sources).toEqual([identity.uuid]);
    expect(added.count).toBe(1n);
    expect(after.position).toBeGreaterThan(before.position);
    expect(await readExecuted(server)).toBe(after.gtidSet);
    expect((await binaryLogs(server)).at(-1)).toEqual({
      name: after.file,
      size: after.position,
      encrypted: false,
    });
    expect(await readSettings(server)).toMatchObject({
      logBin: true,
      gtidMode: 'ON',
      superReadOnly: false,
      lowerCaseTableNames: 0,
    });
    expect(await replicatesFrom(server)).toEqual([]);
  });

  test('the server writes tagged sets as we do', async () => {
    const server = await connect(mysql);
    const uuid = (await readIdentity(server)).uuid!;
    const text = `${uuid}:7:1-3,${uuid}:tag:1:2,${uuid}:a_tag:5,00000000-e512-11f1-bb81-02fc00000001:1`;
    const [row] = await server.query(`SELECT GTID_SUBTRACT('${text}', '') AS canonical`);
    expect(GtidSet.parse(text).toString()).toBe(row!.canonical!.replace(/\s/g, ''));
  });

  test('MySQL without GTIDs', async () => {
    const server = await connect(withoutGtids);
    const coordinates = await readCoordinates(server);
    expect(coordinates.gtidSet).toBeNull();
    expect(coordinates.position).toBeGreaterThan(4);
    expect(await readExecuted(server)).toBeNull();
  });

  test('MariaDB', async () => {
    const server = await connect(mariadb);
    expect(await readIdentity(server)).toMatchObject({ flavor: 'mariadb', serverId: 3, uuid: null });
    await mariadb.query('CREATE DATABASE IF NOT EXISTS gtids');
    const coordinates = await readCoordinates(server);
    expect(coordinates.gtidSet).toMatch(/^0-3-\d+$/);
    expect(await readExecuted(server)).toBe(coordinates.gtidSet);
    const settings = await readSettings(server);
    expect(settings).toMatchObject({
      logBin: true,
      gtidMode: undefined,
      superReadOnly: undefined,
      readOnly: false,
      gtidDomainId: 0,
    });
    expect(await replicatesFrom(server)).toEqual([]);
  });
});

const SCHEMA = 'na`sty ü';
const TABLE = "t'1 %";

const nastySchema = (flavor: 'mysql' | 'mariadb'): string[] => [
  'CREATE DATABASE `na``sty ü`',
  'CREATE DATABASE other',
  'CREATE TABLE other.parent (id INT PRIMARY KEY, code VARCHAR(20) UNIQUE)',
  `CREATE TABLE \`na\`\`sty ü\`.\`t'1 %\` (
    \`id\`\`x\` BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
    e ENUM('a,b', 'it''s', 'q"q', 'back\\\\slash', 'ü', '') CHARACTER SET latin1 DEFAULT 'a,b',
    s SET('x', 'y)', 'w''w'),
    v VARCHAR(30) COLLATE utf8mb4_bin NOT NULL,
    l TEXT CHARACTER SET latin1,
    x INT,
    g1 INT GENERATED ALWAYS AS (x + 1) VIRTUAL,
    g2 INT GENERATED ALWAYS AS (x + 2) STORED,
    par INT NOT NULL,
    inv INT INVISIBLE DEFAULT 7,
    UNIQUE KEY uq_pref (l(10), v),
    UNIQUE KEY \`u k\` (par, v),
    CONSTRAINT \`fk ä\` FOREIGN KEY (par) REFERENCES other.parent (id) ON DELETE CASCADE ON UPDATE RESTRICT
  ) CHARACTER SET utf8mb4`,
  'CREATE TABLE other.selfish (id INT PRIMARY KEY, up INT, CONSTRAINT up FOREIGN KEY (up) REFERENCES other.selfish (id) ON DELETE SET NULL)',
  'CREATE TABLE other.loose (a INT) ENGINE=MyISAM',
  'CREATE VIEW other.v AS SELECT 1',
  'CREATE TABLE other.log (a INT)',
  'CREATE TRIGGER other.tr BEFORE INSERT ON other.parent FOR EACH ROW INSERT INTO other.log VALUES (1)',
  ...(flavor === 'mysql'
    ? [
        'CREATE TABLE other.functional (a INT NOT NULL, b VARCHAR(20), UNIQUE KEY f ((LOWER(b)), a))',
        'SET sql_generate_invisible_primary_key = 1; CREATE TABLE other.hidden_key (a INT)',
      ]
    : [
        'CREATE TABLE other.versioned (a INT PRIMARY KEY) WITH SYSTEM VERSIONING',
        'CREATE SEQUENCE other.seq',
      ]),
];

describe.each(['mysql', 'mariadb'] as const)('the catalogue of %s', (flavor) => {
  let catalogue: Map<string, TableDefinition>;
  let sandbox: SandboxServer;
  const names = [
    { schema: SCHEMA, table: TABLE },
    ...[
      'parent',
      'PARENT',
      'selfish',
      'loose',
      'v',
      'nothing',
      'functional',
      'hidden_key',
      'versioned',
      'seq',
    ].map((table) => ({ schema: 'other', table })),
  ];

  beforeAll(async () => {
    sandbox = flavor === 'mysql' ? mysql : mariadb;
    // Under the server's own twisted sql_mode the schema would not parse.
    const server = await connect(sandbox);
    const connection = await server.open({ multipleStatements: true });
    for (const statement of nastySchema(flavor)) await connection.query(statement);
    catalogue = await readCatalogue(server, names);
  });

  test('the tables that exist, by their exact names; no views', () => {
    const own = flavor === 'mysql' ? ['functional', 'hidden_key'] : ['seq', 'versioned'];
    expect([...catalogue.keys()].sort()).toEqual(
      [
        `${SCHEMA}.${TABLE}`,
        ...['loose', 'parent', 'selfish', ...own].map((table) => `other.${table}`),
      ].sort(),
    );
  });

  test('columns, keys and foreign keys of the nasty table', () => {
    const { columns, primaryKey, uniqueKeys, foreignKeys, transactional, kind } = catalogue.get(
      `${SCHEMA}.${TABLE}`,
    )!;
    expect({ primaryKey, transactional, kind }).toEqual({
      primaryKey: ['id`x'],
      transactional: true,
      kind: 'table',
    });
    const column = Object.fromEntries(columns.map((one) => [one.name, one]));
    expect(columns.map((one) => one.ordinal)).toEqual(columns.map((_, i) => i + 1));
    expect(column['id`x']).toMatchObject({
      dataType: 'bigint',
      unsigned: true,
      autoIncrement: true,
      nullable: false,
      charset: null,
    });
    expect(column.e).toMatchObject({
      labels: ['a,b', "it's", 'q"q', 'back\\slash', 'ü', ''],
      charset: 'latin1',
      unsigned: false,
    });
    expect(column.s).toMatchObject({ labels: ['x', 'y)', "w'w"] });
    expect(column.v).toMatchObject({
      collation: 'utf8mb4_bin',
      nullable: false,
      generated: null,
      labels: null,
    });
    expect([column.g1?.generated, column.g2?.generated, column.x?.generated]).toEqual([
      'virtual',
      'stored',
      null,
    ]);
    expect([column.inv?.invisible, column.x?.invisible]).toEqual([true, false]);
    expect(uniqueKeys).toEqual([
      {
        name: 'u k',
        columns: [
          { name: 'par', prefixLength: null },
          { name: 'v', prefixLength: null },
        ],
        nullable: false,
        functional: false,
        expressions: [],
        searchable: true,
      },
      {
        name: 'uq_pref',
        columns: [
          { name: 'l', prefixLength: 10 },
          { name: 'v', prefixLength: null },
        ],
        nullable: true,
        functional: false,
        expressions: [],
        searchable: true,
      },
    ]);
    const rule = { onDelete: 'CASCADE', onUpdate: 'RESTRICT' };
    expect(foreignKeys).toEqual([
      {
        name: 'fk ä',
        columns: ['par'],
        parentSchema: 'other',
        parentTable: 'parent',
        parentColumns: ['id'],
        ...rule,
      },
    ]);
    expect(catalogue.get('other.parent')?.referencedBy).toEqual([
      { schema: SCHEMA, table: TABLE, name: 'fk ä', columns: ['par'], parentColumns: ['id'], ...rule },
    ]);
  });

  test('triggers, a table that refers to itself, an engine without transactions, and what is the flavour’s own', () => {
    expect(catalogue.get('other.parent')).toMatchObject({
      triggers: [{ name: 'tr', timing: 'BEFORE', event: 'INSERT' }],
      triggersKnown: true,
      referencesKnown: true,
      primaryKeyHasPrefix: false,
    });
    const selfish = catalogue.get('other.selfish')!;
    expect(selfish.foreignKeys).toMatchObject([{ parentTable: 'selfish', onDelete: 'SET NULL' }]);
    expect(selfish.referencedBy).toMatchObject([{ table: 'selfish', columns: ['up'] }]);
    expect(catalogue.get('other.loose')).toMatchObject({ transactional: false, primaryKey: null });
    if (flavor === 'mysql') {
      expect(catalogue.get('other.functional')?.uniqueKeys).toEqual([
        {
          name: 'f',
          columns: [{ name: 'a', prefixLength: null }],
          nullable: true,
          functional: true,
          expressions: ['lower(`b`)'],
          searchable: true,
        },
      ]);
      expect(catalogue.get('other.hidden_key')?.primaryKey).toEqual(['my_row_id']);
    } else {
      expect(catalogue.get('other.versioned')?.kind).toBe('system-versioned');
      expect(catalogue.get('other.seq')?.kind).toBe('sequence');
    }
  });

  test('an account that can only SELECT sees the same, and knows that triggers may be hidden', async () => {
    await sandbox.query("CREATE USER reader IDENTIFIED BY 'r'");
    await sandbox.query('GRANT SELECT ON *.* TO reader');
    const server = await connect(sandbox, { user: 'reader', password: 'r' });
    const seen = await readCatalogue(server, names);
    for (const [key, definition] of catalogue) {
      expect(seen.get(key)).toEqual({ ...definition, triggers: [], triggersKnown: false });
    }
    expect((await readGrants(server)).has('SELECT')).toBe(true);
    await expect(readCoordinates(server)).rejects.toMatchObject({ code: 'privilege' });
  });

  test('the digest follows what matters', async () => {
    const server = await connect(sandbox);
    const digest = async (): Promise<string> =>
      (await readCatalogue(server, [{ schema: 'other', table: 'selfish' }])).get('other.selfish')!
        .definitionDigest;
    const before = await digest();
    await sandbox.query("ALTER TABLE other.selfish COMMENT 'nothing new'");
    expect(await digest()).toBe(before);
    await sandbox.query('ALTER TABLE other.selfish MODIFY up BIGINT, DROP FOREIGN KEY up');
    expect(await digest()).not.toBe(before);
  });
});
