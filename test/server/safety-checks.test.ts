// The safety checks: what each refuses, and in which words.
import { describe, expect, test } from 'vitest';
import type { ReconcileError } from '../../src/reconcile-error.ts';
import type { CheckedServer } from '../../src/server/safety-checks/checked-server.ts';
import { checkCoolOff } from '../../src/server/safety-checks/cool-off.ts';
import { checkNotRecorded } from '../../src/server/safety-checks/not-recorded.ts';
import { checkRestoredReadOnly } from '../../src/server/safety-checks/restored-read-only.ts';
import { checkRestoredReplicates } from '../../src/server/safety-checks/restored-replicates.ts';
import { overridden, runChecks } from '../../src/server/safety-checks/run-checks.ts';
import { checkSameServer } from '../../src/server/safety-checks/same-server.ts';
import { checkSwapped } from '../../src/server/safety-checks/swapped.ts';
import { checkUnfenced } from '../../src/server/safety-checks/unfenced.ts';
import type { ServerSettings } from '../../src/server/settings.ts';

const source = {
  channel: '',
  host: 'db3',
  port: 3306,
  uuid: null,
  serverId: null,
  receiverRunning: false,
  applierRunning: true,
  running: true,
};

function server(
  flavor: 'mysql' | 'mariadb',
  settings: Partial<ServerSettings> = {},
  sources = [] as (typeof source)[],
): CheckedServer {
  const uuid = flavor === 'mysql' ? '40235097-e512-11f1-bb81-02fc00000001' : null;
  return {
    name: 'failed primary db2:3306',
    identity: { flavor, version: '9.7.4', serverId: 2, uuid, uid: null, hostname: 'db2', port: 3306 },
    settings: settings as ServerSettings,
    sources,
  };
}

const texts = (results: (ReconcileError | null)[]): string =>
  results
    .map((result) => (result ? `${result.check}: ${result.message} | ${result.hint}` : 'fine'))
    .join('\n');

test('unfenced: super_read_only on MySQL, read_only on MariaDB', () => {
  expect(
    texts([
      checkUnfenced(server('mysql', { readOnly: true, superReadOnly: false })),
      checkUnfenced(server('mysql', { readOnly: true, superReadOnly: true })),
      checkUnfenced(server('mariadb', { readOnly: false })),
      checkUnfenced(server('mariadb', { readOnly: true })),
    ]),
  ).toMatchInlineSnapshot(`
    "unfenced: the failed primary db2:3306 still takes writes (super_read_only=OFF): what is read now may not be all | Fence it first: SET GLOBAL super_read_only=ON.
    fine
    unfenced: the failed primary db2:3306 still takes writes (read_only=OFF): what is read now may not be all | Fence it first: SET GLOBAL read_only=ON.
    fine"
  `);
});

describe('who is who', () => {
  const old = { flavor: 'mysql' as const, uuid: '3e11fa47-71ca-11e1-9e33-c80aa9429562', serverId: 1 };
  const current = { flavor: 'mysql' as const, uuid: '40235097-e512-11f1-bb81-02fc00000001', serverId: 2 };
  const stranger = { flavor: 'mysql' as const, uuid: '50235097-e512-11f1-bb81-02fc00000001', serverId: 2 };
  const recorded = { old, new: current };

  test('the right way round', () => {
    expect(checkSwapped(current, old, recorded)).toBeNull();
    expect(checkNotRecorded(current, old, recorded)).toBeNull();
    expect(checkNotRecorded(null, old, recorded)).toBeNull();
  });

  test('swapped, also where only files of the failed one are at hand', () => {
    expect(
      texts([
        checkSwapped(old, current, recorded),
        checkSwapped(null, current, recorded),
        checkNotRecorded(old, current, recorded),
      ]),
    ).toMatchInlineSnapshot(`
      "swapped: failed and restored primary are swapped: the record says that the restored one is the new primary, which failed | Exchange --failed and --restored.
      swapped: failed and restored primary are swapped: the record says that the restored one is the new primary, which failed | Exchange --failed and --restored.
      fine"
    `);
  });

  test('strangers', () => {
    expect(
      texts([
        checkNotRecorded(stranger, old, recorded),
        checkNotRecorded(current, stranger, recorded),
        checkNotRecorded(stranger, stranger, recorded),
        checkNotRecorded({ flavor: 'mariadb', uuid: null, serverId: 2 }, old, recorded),
      ]),
    ).toMatchInlineSnapshot(`
      "not-recorded: the failed primary has server uuid 50235097-e512-11f1-bb81-02fc00000001, the record's new primary server uuid 40235097-e512-11f1-bb81-02fc00000001 | Is it this cluster's record, and are these its servers? A server that was rebuilt has another uuid, and another log.
      not-recorded: the restored primary has server uuid 50235097-e512-11f1-bb81-02fc00000001, the record's old primary server uuid 3e11fa47-71ca-11e1-9e33-c80aa9429562 | Is it this cluster's record, and are these its servers? A server that was rebuilt has another uuid, and another log.
      not-recorded: the failed primary has server uuid 50235097-e512-11f1-bb81-02fc00000001, the record's new primary server uuid 40235097-e512-11f1-bb81-02fc00000001; the restored primary has server uuid 50235097-e512-11f1-bb81-02fc00000001, the record's old primary server uuid 3e11fa47-71ca-11e1-9e33-c80aa9429562 | Is it this cluster's record, and are these its servers? A server that was rebuilt has another uuid, and another log.
      not-recorded: the failed primary has mariadb server id 2, the record's new primary server uuid 40235097-e512-11f1-bb81-02fc00000001 | Is it this cluster's record, and are these its servers? A server that was rebuilt has another uuid, and another log."
    `);
  });

  test('one server by two names', () => {
    const one = server('mysql');
    expect(
      texts([checkSameServer(one, { ...one, name: 'restored primary proxy:3306' })]),
    ).toMatchInlineSnapshot(
      `"same-server: failed primary db2:3306 and restored primary proxy:3306 are one server (server uuid 40235097-e512-11f1-bb81-02fc00000001) | Check both addresses; a proxy or a virtual address may lead to the wrong one."`,
    );
  });
});

test('the restored primary: read-only, or a replica', () => {
  const restored = (settings: Partial<ServerSettings>, sources: (typeof source)[] = []): CheckedServer => ({
    ...server('mysql', settings, sources),
    name: 'restored primary db1:3306',
  });
  expect(
    texts([
      checkRestoredReadOnly(restored({ readOnly: false, superReadOnly: false })),
      checkRestoredReadOnly(restored({ readOnly: true, superReadOnly: false })),
      checkRestoredReadOnly(restored({ readOnly: true, superReadOnly: true })),
      checkRestoredReplicates(restored({}, [{ ...source, running: false }])),
      checkRestoredReplicates(restored({}, [{ ...source, channel: 'x' }])),
    ]),
  ).toMatchInlineSnapshot(`
    "fine
    restored-read-only: the restored primary db1:3306 is read-only (read_only=ON): it does not serve writes now | Is it the primary? If it is: SET GLOBAL read_only=OFF.
    restored-read-only: the restored primary db1:3306 is read-only (super_read_only=ON): it does not serve writes now | Is it the primary? If it is: SET GLOBAL super_read_only=OFF.
    fine
    restored-replicates: the restored primary db1:3306 is a replica of db3:3306 on channel x, not the primary | Give the primary as --restored; or, if it is the primary by now: STOP REPLICA."
  `);
});

test('cool-off', () => {
  const at = Date.parse('2026-11-20T10:00:00Z');
  expect(
    texts([
      checkCoolOff(at, at + 30_000, 600_000),
      checkCoolOff(at, at + 300_000, 600_000),
      checkCoolOff(at, at + 600_000, 600_000),
      checkCoolOff(at + 60_000, at, 600_000),
    ]),
  ).toMatchInlineSnapshot(`
    "cool-off: a failover of this cluster was recorded 30 s ago (2026-11-20T10:00:00.000Z), and the cool-off is 10 min | Look at the first failover before the next one.
    cool-off: a failover of this cluster was recorded 5 min ago (2026-11-20T10:00:00.000Z), and the cool-off is 10 min | Look at the first failover before the next one.
    fine
    cool-off: a failover of this cluster was recorded in the future (2026-11-20T10:01:00.000Z), and the cool-off is 10 min | Look at the first failover before the next one."
  `);
});

describe('all checks together', () => {
  const results = [
    checkUnfenced(server('mysql', {})),
    null,
    checkRestoredReadOnly(server('mysql', { readOnly: true })),
  ];

  test('the first is the error, the others are named in it', () => {
    try {
      runChecks(results, new Set());
      expect.unreachable();
    } catch (error) {
      expect(texts([error as ReconcileError])).toMatchInlineSnapshot(`
        "unfenced: the failed primary db2:3306 still takes writes (super_read_only=OFF): what is read now may not be all
        also refused: the failed primary db2:3306 is read-only (read_only=ON): it does not serve writes now (Is it the primary? If it is: SET GLOBAL read_only=OFF.) | Fence it first: SET GLOBAL super_read_only=ON. To go on all the same: --force unfenced --force restored-read-only."
      `);
    }
  });

  test('forced by name, each for itself', () => {
    expect(() => runChecks(results, new Set(['unfenced']))).toThrow(/is read-only/);
    expect(() => runChecks(results, new Set(['unfenced', 'restored-read-only']))).not.toThrow();
    expect(overridden(results, new Set(['unfenced']))).toHaveLength(1);
  });
});
