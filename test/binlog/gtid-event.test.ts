// The events that open a transaction, as every version has written them.
import { describe, expect, it } from 'vitest';
import { ByteCursor } from '../../src/binlog/byte-cursor.ts';
import { readGtid, readMariadbGtid, readTaggedGtid } from '../../src/binlog/gtid-event.ts';
import { eventsOfPayload, readPayload } from '../../src/binlog/transaction-payload.ts';

const cursor = (hex: string): ByteCursor => new ByteCursor(Buffer.from(hex, 'hex'));
const flags = '00';
const uuid = '0123456789abcdef0123456789abcdef';
const text = '01234567-89ab-cdef-0123-456789abcdef';
const seven = '0700000000000000';
const clock = `02${'00'.repeat(16)}`;

describe('GTID', () => {
  it('of 5.6, 5.7 and 8.0', () => {
    expect(readGtid(cursor(flags + uuid + seven), false)).toMatchObject({
      gtid: `${text}:7`,
      committedAt: null,
    });
    expect(readGtid(cursor(flags + uuid + seven + clock), false)).toMatchObject({ committedAt: null });
    const once = '40420f00000000';
    expect(readGtid(cursor(flags + uuid + seven + clock + once), false)).toMatchObject({
      committedAt: 1_000_000,
      originallyCommittedAt: 1_000_000,
    });
    const both = '40420f0000008080841e00000000';
    expect(readGtid(cursor(flags + uuid + seven + clock + both), false)).toMatchObject({
      committedAt: 1_000_000,
      originallyCommittedAt: 2_000_000,
    });
  });

  it('anonymous has none', () => {
    expect(readGtid(cursor(flags + '00'.repeat(16) + '00'.repeat(8)), true)).toMatchObject({ gtid: null });
  });

  it('cut short is a fault', () => {
    expect(() => readGtid(cursor(flags + uuid), false)).toThrow(/bytes wanted/);
    expect(() => readGtid(cursor(flags + uuid + '00'.repeat(8)), false)).toThrow(/transaction number 0/);
  });
});

describe('tagged GTID', () => {
  it('that is no such message is a fault', () => {
    expect(() => readTaggedGtid(cursor('04'))).toThrow(/serialization version 2/);
    expect(() => readTaggedGtid(cursor('020000'))).toThrow(/without its parts/);
    expect(() => readTaggedGtid(cursor('0200000205'))).toThrow();
  });
});

describe("MariaDB's GTID", () => {
  it('has domain, server and sequence beyond 2^53', () => {
    expect(readMariadbGtid(cursor('ffffffffffffffff0500000001'), 9)).toMatchObject({
      gtid: '5-9-18446744073709551615',
      standalone: true,
    });
    expect(readMariadbGtid(cursor(`${seven}0500000040`), 9).xa).toBe('prepare');
    expect(readMariadbGtid(cursor(`${seven}0500000080`), 9).xa).toBe('complete');
  });
});

describe('transaction payload', () => {
  const event = `00000000${'10'}01000000${'1b000000'}00000000${'0000'}${'00'.repeat(8)}`;
  const eventsIn = (hex: string): Buffer[] =>
    eventsOfPayload(Buffer.from(hex, 'hex'), readPayload(cursor(hex)));

  it('without compression', () => {
    const events = eventsIn(`0203fcff00${'01'}01${'1b'}00${event}`);
    expect(events.map((bytes) => bytes.length)).toEqual([27]);
  });

  it.each([
    ['without a size', '0203fcff0000', /without its size or type/],
    ['of another length', `0203fcff00${'01'}01${'1c'}00${event}`, /a payload of 28 bytes where 27 are left/],
    ['with an event cut short', `0203fcff00${'01'}01${'1a'}00${event.slice(0, -2)}`, /an event of 27 bytes/],
    ['that is no zstd', `020100${'0301'}1b${'01'}01${'1b'}00${event}`, /does not decompress/],
    ['of an unknown compression', `020105${'0301'}1b${'01'}01${'1b'}00${event}`, /compression type 5/],
  ])('%s is a fault', (_, hex, reason) => {
    expect(() => eventsIn(hex)).toThrow(reason);
  });
});
