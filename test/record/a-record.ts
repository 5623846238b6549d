// A failover record to start from. Not a test.
import type { FailoverRecord, RecordedServer } from '../../src/record/failover-record.ts';

export function aRecord(flavor: 'mysql' | 'mariadb' = 'mysql'): FailoverRecord {
  const mysql = flavor === 'mysql';
  const server = (number: number): RecordedServer => ({
    host: `db${number}`,
    port: 3306,
    user: null,
    flavor,
    version: mysql ? '9.7.4' : '11.8.6-MariaDB',
    serverId: number,
    uuid: mysql ? `${number}0235097-e512-11f1-bb81-02fc00000001` : null,
    uid: mysql ? null : '9gvFkfc8gfPAGfVs3OMQ8IhnOdU=',
    hostname: `db${number}.example`,
    gtidMode: mysql ? 'ON' : null,
    coordinates: {
      file: 'binlog.000007',
      position: 4711,
      gtidSet: mysql ? '10235097-e512-11f1-bb81-02fc00000001:1-9' : '0-1-9',
    },
    settings: { binlogFormat: 'ROW' },
  });
  return {
    version: 1,
    cluster: 'shop',
    recordedAt: '2026-11-20T10:00:00.000Z',
    old: server(1),
    new: server(2),
  };
}
