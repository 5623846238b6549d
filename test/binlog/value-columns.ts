// The columns of the value tests: how each is declared, how it is read from a server, and random values for it.

/** A number from 0 to 1, the same sequence for the same seed. */
export type Random = () => number;

export function seeded(seed: number): Random {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

export interface TestColumn {
  name: string;
  ddl: string;
  /** What to SELECT: an operator behind the column, or CAST to a number or `CAST AS TYPE`; the column itself unless given. */
  select?: string;
  unsigned?: boolean;
  binary?: boolean;
  /** An SQL literal. */
  literal: (random: Random) => string;
}

const pick = <T>(random: Random, of: readonly T[]): T => of[Math.floor(random() * of.length)]!;
const upTo = (random: Random, limit: number): number => Math.floor(random() * limit);
const digits = (random: Random, count: number): string =>
  Array.from({ length: count }, () => String(upTo(random, 10))).join('');

function integer(bits: number, unsigned: boolean): (random: Random) => string {
  const low = unsigned ? 0n : -(2n ** BigInt(bits - 1));
  const high = unsigned ? 2n ** BigInt(bits) - 1n : 2n ** BigInt(bits - 1) - 1n;
  const edges = [low, low + 1n, 0n, 1n, high - 1n, high, unsigned ? 2n ** BigInt(bits - 1) : -1n];
  return (random) => {
    if (random() < 0.5) return String(pick(random, edges));
    const span = high - low + 1n;
    return String(low + ((BigInt(upTo(random, 2 ** 32)) * 2n ** 32n + BigInt(upTo(random, 2 ** 32))) % span));
  };
}

function decimal(precision: number, scale: number): (random: Random) => string {
  return (random) => {
    const sign = random() < 0.5 ? '-' : '';
    const length = upTo(random, precision - scale + 1);
    const whole = random() < 0.1 ? '9'.repeat(precision - scale) : digits(random, length);
    const fraction = random() < 0.2 ? '0'.repeat(scale) : digits(random, scale);
    return `${sign}${whole === '' ? '0' : whole}${scale > 0 ? `.${fraction}` : ''}`;
  };
}

const real = (random: Random): string => {
  const r = random();
  if (r < 0.2)
    return pick(random, [
      '0e0',
      '-0e0',
      '1e0',
      '-1e0',
      '1.5e0',
      '0.1e0',
      '1e15',
      '1e16',
      '3e-5',
      '123456789e0',
    ]);
  return `${(random() - 0.5) * 2}e${upTo(random, 60) - 30}`;
};

const double = (random: Random): string =>
  random() < 0.2
    ? pick(random, [
        '1.7976931348623157e308',
        '-2.2250738585072014e-308',
        '5e-324',
        '9007199254740993e0',
        '1e22',
        '1e21',
      ])
    : `${(random() - 0.5) * 2}e${upTo(random, 600) - 300}`;

/** Characters as hex of the column's own character set. */
function text(introducer: string, characters: readonly string[], max: number): (random: Random) => string {
  return (random) => {
    const length = random() < 0.15 ? 0 : random() < 0.1 ? max : upTo(random, Math.min(max, 40));
    let hex = '';
    for (let i = 0; i < length; i++) hex += pick(random, characters);
    return `_${introducer} x'${hex}'`;
  };
}

/** Half of them long runs, which compression makes shorter. */
function compressible(
  introducer: string,
  characters: readonly string[],
  max: number,
): (random: Random) => string {
  const any = text(introducer, characters, max);
  return (random) =>
    random() < 0.5
      ? any(random)
      : `_${introducer} x'${pick(random, characters).repeat(1 + upTo(random, max))}'`;
}

const hexOf = (value: string): string => Buffer.from(value, 'utf8').toString('hex');
const utf8 = ['a', 'Z', ' ', "'", '\\', '\n', '\0', 'é', '€', '漢', '🐬', '0', '"', '%'].map(hexOf);
const latin1 = ['61', '5a', '20', '27', '5c', '0a', '00', 'e9', '80', 'ff', 'a0', '22'];
const sjis = ['61', '5a', '20', '27', '0a', '8140', '835c', '8a5a', 'b1', 'df', '945c'];
const utf16 = ['0061', '005a', '0020', '0027', '000a', '20ac', 'd83ddc2c', '6f22', '0000'];
const bytes = ['00', '20', '61', 'ff', '80', '27', '5c', '0a'];

const two = (value: number): string => String(value).padStart(2, '0');
const fraction = (random: Random): string =>
  random() < 0.2 ? '000000' : random() < 0.2 ? '999999' : digits(random, 6);

const date = (random: Random): string => {
  if (random() < 0.2)
    return pick(random, ["'0000-00-00'", "'1000-01-01'", "'9999-12-31'", "'2024-02-29'", "'2024-00-00'"]);
  return `'${String(1 + upTo(random, 9999)).padStart(4, '0')}-${two(1 + upTo(random, 12))}-${two(1 + upTo(random, 28))}'`;
};
const clock = (random: Random): string =>
  `${two(upTo(random, 24))}:${two(upTo(random, 60))}:${two(upTo(random, 60))}.${fraction(random)}`;
const datetime = (random: Random): string => {
  if (random() < 0.15)
    return pick(random, ["'0000-00-00 00:00:00'", "'9999-12-31 23:59:59'", "'1000-01-01 00:00:00'"]);
  return `'${date(random).slice(1, -1).replace('0000-00-00', '2000-01-01')} ${clock(random)}'`;
};
const timestamp = (random: Random): string => {
  if (random() < 0.15)
    return pick(random, ["'0000-00-00 00:00:00'", "'1970-01-01 00:00:01'", "'2038-01-19 03:14:07'"]);
  return `'${1971 + upTo(random, 66)}-${two(1 + upTo(random, 12))}-${two(1 + upTo(random, 28))} ${clock(random)}'`;
};
const time = (random: Random): string => {
  if (random() < 0.2)
    return pick(random, ["'838:59:59'", "'-838:59:59'", "'00:00:00'", "'-00:00:00.000001'", "'-00:00:01'"]);
  return `'${random() < 0.5 ? '-' : ''}${two(upTo(random, 838))}:${two(upTo(random, 60))}:${two(upTo(random, 60))}.${fraction(random)}'`;
};

/** As JSON text has them: a quotation mark and a backslash are escaped. */
const letters = (random: Random): string =>
  pick(random, ['a', 'b\\"c', 'd\\\\e', 'é漢', '🐬', '', 'x y', '\\n', 'k'.repeat(20)]);

/** JSON text; `depth` bounds the nesting. */
function json(random: Random, depth = 3): string {
  const r = random();
  if (depth > 0 && r < 0.25) {
    const members = Array.from(
      { length: upTo(random, 5) },
      () => `"${letters(random)}${upTo(random, 9)}":${json(random, depth - 1)}`,
    );
    return `{${members.join(',')}}`;
  }
  if (depth > 0 && r < 0.5)
    return `[${Array.from({ length: upTo(random, 6) }, () => json(random, depth - 1)).join(',')}]`;
  return pick(random, [
    () => 'null',
    () => 'true',
    () => 'false',
    () => integer(16, false)(random),
    () => integer(32, false)(random),
    () => integer(64, false)(random),
    () => integer(64, true)(random),
    () => double(random),
    () => String((random() - 0.5) * 10 ** upTo(random, 20)),
    () =>
      pick(random, [
        '1.0',
        '-0.0',
        '1e14',
        '1e15',
        '1e16',
        '1e20',
        '123456789012345680000',
        '1e-4',
        '1e-5',
        '1e-14',
        '1e-15',
        '1e-16',
        '0.1',
        '1.5e300',
      ]),
    () => `"${letters(random)}"`,
  ])();
}

const jsonLiteral = (random: Random): string => {
  if (random() < 0.25) {
    return pick(random, [
      "JSON_OBJECT('d', CAST('12.340' AS DECIMAL(10,3)), 'n', CAST('-0.05' AS DECIMAL(20,10)))",
      "JSON_ARRAY(CAST('2020-01-02' AS DATE), CAST('-01:02:03.4' AS TIME(1)), CAST('2020-01-02 03:04:05.678' AS DATETIME(3)))",
      "JSON_ARRAY(x'00ff41', b'101', CAST('abc' AS BINARY(5)))",
      "JSON_OBJECT('big', 18446744073709551615, 'small', -9223372036854775808)",
      `JSON_ARRAY(REPEAT('x', ${60000 + upTo(random, 10000)}))`,
      `JSON_OBJECT('long', REPEAT('yz', 40000), 'n', 70000, 'm', -70000, 'k', 3)`,
      "CAST('[]' AS JSON)",
      "CAST('{}' AS JSON)",
      'CAST(\'"\\\\u0001\\\\u001f\\\\b\\\\f\\\\t/\\\\u007f"\' AS JSON)',
    ]);
  }
  return `'${json(random).replaceAll('\\', '\\\\').replaceAll("'", "''")}'`;
};

export function testColumns(flavor: 'mysql' | 'mariadb', vectors: boolean): TestColumn[] {
  const columns: TestColumn[] = [];
  const add = (ddl: string, literal: (random: Random) => string, more: Partial<TestColumn> = {}): void => {
    columns.push({ name: `c${columns.length}`, ddl, literal, ...more });
  };
  for (const [type, bits] of [
    ['TINYINT', 8],
    ['SMALLINT', 16],
    ['MEDIUMINT', 24],
    ['INT', 32],
    ['BIGINT', 64],
  ] as const) {
    add(type, integer(bits, false));
    add(`${type} UNSIGNED`, integer(bits, true), { unsigned: true });
  }
  add('INT(9) ZEROFILL', integer(32, true), { unsigned: true });
  for (const [p, s] of [
    [65, 30],
    [10, 0],
    [5, 5],
    [1, 0],
    [18, 9],
    [30, 2],
    [9, 9],
    [38, 10],
    [65, 0],
    [11, 2],
  ] as const) {
    add(`DECIMAL(${p},${s})`, decimal(p, s));
  }
  add('DECIMAL(10,2) UNSIGNED ZEROFILL', (random) => decimal(10, 2)(random).replace('-', ''), {
    unsigned: true,
  });
  add('FLOAT', real, { select: '*1e0' });
  add('DOUBLE', double);
  add('CHAR(10) CHARACTER SET latin1', text('latin1', latin1, 10));
  add('CHAR(255) CHARACTER SET utf8mb4', text('utf8mb4', utf8, 255));
  add('CHAR(10) CHARACTER SET utf16', text('utf16', utf16, 10));
  add('CHAR(10) CHARACTER SET sjis', text('sjis', sjis, 10));
  add('VARCHAR(10) CHARACTER SET latin1', text('latin1', latin1, 10));
  add('VARCHAR(300) CHARACTER SET latin1', text('latin1', latin1, 300));
  add('VARCHAR(300) CHARACTER SET utf8mb4', text('utf8mb4', utf8, 300));
  add('VARCHAR(50) CHARACTER SET sjis', text('sjis', sjis, 50));
  add('VARCHAR(50) CHARACTER SET utf16', text('utf16', utf16, 50));
  add('TINYTEXT CHARACTER SET latin1', text('latin1', latin1, 200));
  add('TEXT CHARACTER SET utf8mb4', text('utf8mb4', utf8, 3000));
  add('MEDIUMTEXT CHARACTER SET utf16', text('utf16', utf16, 3000));
  add('LONGTEXT CHARACTER SET sjis', text('sjis', sjis, 3000));
  add('BINARY(8)', text('binary', bytes, 8), { binary: true });
  add('BINARY(255)', text('binary', bytes, 255), { binary: true });
  add('VARBINARY(20)', text('binary', bytes, 20), { binary: true });
  add('VARBINARY(300)', text('binary', bytes, 300), { binary: true });
  for (const type of ['TINYBLOB', 'BLOB', 'MEDIUMBLOB', 'LONGBLOB'])
    add(type, text('binary', bytes, 200), { binary: true });
  add('DATE', date);
  add('YEAR', (random) => pick(random, ['0', '1901', '2155', '2024']));
  for (let fsp = 0; fsp <= 6; fsp++) {
    add(`TIME(${fsp})`, time);
    add(`DATETIME(${fsp})`, datetime);
    add(`TIMESTAMP(${fsp}) NULL`, timestamp);
  }
  const many = Array.from({ length: 300 }, (_, i) => `'e${i}'`).join(',');
  const sets = Array.from({ length: 64 }, (_, i) => `'s${i}'`).join(',');
  const asNumber = { select: 'CAST' };
  add("ENUM('a','b''c','d')", (random) => pick(random, ['1', '2', '3', "''"]), asNumber);
  add(`ENUM(${many})`, (random) => String(1 + upTo(random, 300)), asNumber);
  add("SET('p','q','r')", (random) => String(upTo(random, 8)), asNumber);
  add(`SET(${sets})`, integer(64, true), asNumber);
  for (const bits of [1, 9, 33, 48, 57, 64]) add(`BIT(${bits})`, integer(bits, true), asNumber);
  if (flavor === 'mysql') add('JSON', jsonLiteral);
  else add('JSON', (random) => `'${json(random).replaceAll('\\', '\\\\').replaceAll("'", "''")}'`);
  add(
    'POINT',
    (random) =>
      `ST_GeomFromText('POINT(${upTo(random, 90)} ${upTo(random, 90)})'${flavor === 'mysql' ? ', 4326' : ''})`,
    { binary: true },
  );
  add('GEOMETRY', () => "ST_GeomFromText('POLYGON((0 0,0 1,1 1,0 0))')", { binary: true });
  if (flavor === 'mariadb') {
    for (const [type, size] of [
      ['UUID', 16],
      ['INET4', 4],
      ['INET6', 16],
    ] as const) {
      // Zero bytes at the end are not logged, and IPv4 addresses have more than one text as IPv6.
      const address = ['00', '01', 'ff', '7f'];
      add(type, (random) => `X'${Array.from({ length: size }, () => pick(random, address)).join('')}'`, {
        binary: true,
        select: `CAST AS BINARY(${size})`,
      });
    }
    add('VARCHAR(50) COMPRESSED CHARACTER SET latin1', compressible('latin1', latin1, 50));
    add('VARCHAR(3000) COMPRESSED CHARACTER SET utf8mb4', compressible('utf8mb4', utf8, 3000));
    for (const type of ['TINYTEXT', 'TEXT', 'MEDIUMTEXT', 'LONGTEXT'])
      add(`${type} COMPRESSED CHARACTER SET latin1`, compressible('latin1', latin1, 255));
    for (const type of ['TINYBLOB', 'BLOB', 'MEDIUMBLOB', 'LONGBLOB', 'VARBINARY(255)'])
      add(`${type} COMPRESSED`, compressible('binary', bytes, 255), { binary: true });
  }
  if (vectors) {
    const fromText = flavor === 'mysql' ? 'STRING_TO_VECTOR' : 'VEC_FromText';
    add('VECTOR(3)', (random) => `${fromText}('[${random()}, -1.5, 3e10]')`, { binary: true });
  }
  return columns;
}
