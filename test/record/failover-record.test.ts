// The failover record's file: what is read back, and every fault in a broken one.
import { describe, expect, test } from 'vitest';
import { type FailoverRecord, loadRecord, parseRecord } from '../../src/record/failover-record.ts';
import { relationWarnings } from '../../src/record/take-record.ts';
import { aRecord } from './a-record.ts';

const faults = (document: unknown): string => {
  try {
    parseRecord(typeof document === 'string' ? document : JSON.stringify(document), 'failover.json');
    return 'fine';
  } catch (error) {
    return (error as Error).message;
  }
};

function broken(change: (record: FailoverRecord) => void): FailoverRecord {
  const record = aRecord();
  change(record);
  return record;
}

describe('reading a record', () => {
  test('what was written comes back', () => {
    for (const flavor of ['mysql', 'mariadb'] as const) {
      expect(parseRecord(JSON.stringify(aRecord(flavor)), 'f')).toEqual(aRecord(flavor));
    }
  });

  test('a field that a later version of the same shape adds is no fault', () => {
    expect(faults({ ...aRecord(), note: 'by hand' })).toBe('fine');
  });

  test('all faults together, each with its place', () => {
    const record = JSON.parse(JSON.stringify(aRecord())) as Record<string, Record<string, unknown>>;
    record.old = { ...record.old, uuid: 'nonsense', port: 70000, host: '' };
    record.new = { ...record.new, flavor: 'oracle', coordinates: { file: 'b.1', position: 3, gtidSet: 'x' } };
    delete record.new.settings;
    expect(faults({ ...record, recordedAt: 'yesterday', cluster: 7 })).toMatchInlineSnapshot(`
      "failover.json is no failover record:
        cluster must be a text
        recordedAt must be a time in UTC, like 2026-11-20T10:00:00.000Z
        old.host must be a text
        old.port must be a whole number from 1 to 65535
        old.uuid must be a server uuid
        new.flavor must be "mysql" or "mariadb"
        new.settings is missing
        new.coordinates.position must be a whole number from 4 to 9007199254740991
        new.coordinates.gtidSet is no GTID set, and not null"
    `);
  });

  test('no record at all', () => {
    const texts = [
      '',
      '{"version":',
      '[]',
      '{}',
      '{"version":2}',
      '{"version":0}',
      '{"version":1,"old":{"coordinates":4}}',
    ];
    expect(texts.map(faults).join('\n')).toMatchInlineSnapshot(`
      "failover record failover.json is empty
      failover record failover.json is no JSON
      failover.json is no failover record:
        the document is no object
      failover.json is no failover record:
        version must be 1
        cluster is missing
        recordedAt must be a time in UTC, like 2026-11-20T10:00:00.000Z
        old is missing
        new is missing
      failover.json is a failover record of version 2; this reconcile reads 1
      failover.json is a failover record of version 0; this reconcile reads 1
      failover.json is no failover record:
        cluster is missing
        recordedAt must be a time in UTC, like 2026-11-20T10:00:00.000Z
        old.host is missing
        old.port is missing
        old.flavor must be "mysql" or "mariadb"
        old.version is missing
        old.serverId is missing
        old.hostname is missing
        old.gtidMode is missing
        old.settings is missing
        old.coordinates is missing
        new is missing"
    `);
  });

  test('the flavours have their own GTIDs and identities', () => {
    expect(faults(broken((record) => (record.new.coordinates.gtidSet = '0-1-7')))).toContain(
      'new.coordinates.gtidSet is no GTID set',
    );
    expect(faults(broken((record) => (record.new.coordinates.gtidSet = null)))).toBe('fine');
    const mariadb = aRecord('mariadb');
    mariadb.new.coordinates.gtidSet = '40235097-e512-11f1-bb81-02fc00000001:1';
    expect(faults(mariadb)).toContain('new.coordinates.gtidSet is no GTID position');
  });

  test('a missing file says how to go on', async () => {
    await expect(loadRecord('/nowhere/failover.json')).rejects.toMatchObject({
      code: 'input',
      message: "failover record /nowhere/failover.json can't be read: there is no such file",
      hint: expect.stringContaining('--start-position'),
    });
  });
});

test('what the executed sets say about the promotion', () => {
  const uuid = '40235097-e512-11f1-bb81-02fc00000001';
  const warnings = [
    relationWarnings('mysql', `${uuid}:1-9`, `${uuid}:1-9`),
    relationWarnings('mysql', `${uuid}:1-9`, `${uuid}:1-6`),
    relationWarnings('mysql', `${uuid}:1-9`, `${uuid}:1-8,3e11fa47-71ca-11e1-9e33-c80aa9429562:1-2`),
    relationWarnings('mariadb', '0-1-9,1-1-3', '0-1-9'),
    relationWarnings('mysql', null, null),
  ];
  expect(warnings.map((one) => one.join('\n') || 'none').join('\n')).toMatchInlineSnapshot(`
    "none
    The new primary is 3 transactions behind the old one (40235097-e512-11f1-bb81-02fc00000001:7-9): they were not replicated when it took over.
    The new primary is 1 transaction behind the old one (40235097-e512-11f1-bb81-02fc00000001:9): they were not replicated when it took over.
    The new primary has 2 transactions that the old one never had (3e11fa47-71ca-11e1-9e33-c80aa9429562:1-2): they are before the recorded coordinates, and no diff from this record will see them.
    The new primary is 3 transactions behind the old one (old 0-1-9,1-1-3, new 0-1-9): they were not replicated when it took over.
    GTIDs are off: whether the new primary had received all of the old one’s transactions can’t be told."
  `);
});
