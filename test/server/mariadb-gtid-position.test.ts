// MariaDB GTID positions: their text, and what they cover.
import { expect, test } from 'vitest';
import { MariadbGtidPosition, parseMariadbGtid } from '../../src/server/mariadb-gtid-position.ts';

const parse = MariadbGtidPosition.parse;

test('one GTID a domain, in order', () => {
  expect(`${parse(' 1-2-5,\n0-1-100,0-7-99')}`).toBe('0-1-100,1-2-5');
  expect(`${parse('')}`).toBe('');
  expect(`${parse('0-1-100').union(parse('0-2-101,3-1-1'))}`).toBe('0-2-101,3-1-1');
  expect(parseMariadbGtid('4294967295-4294967295-18446744073709551615').sequence).toBe(2n ** 64n - 1n);
});

test.each(['0-1', '0-1-2-3', 'a-1-2', '4294967296-1-1', '0-1-18446744073709551616'])('%s is none', (text) => {
  expect(() => parse(text)).toThrow(/is no MariaDB GTID/);
});

test('covers goes by sequence number within the domain, whoever wrote', () => {
  const here = parse('0-1-100,1-2-5');
  expect(['0-9-100', '0-1-99', '1-2-5'].every((gtid) => here.covers(gtid))).toBe(true);
  expect(['0-1-101', '1-2-6', '2-1-1'].some((gtid) => here.covers(gtid))).toBe(false);
  expect(here.coversAll(parse('0-3-7'))).toBe(true);
  expect(here.coversAll(parse('0-3-7,4-1-1'))).toBe(false);
  expect(here.behind(parse('0-1-103,1-1-4,4-1-2'))).toBe(5n);
});
