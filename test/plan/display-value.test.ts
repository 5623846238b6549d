// How values are shown to people. UUID, INET4 and INET6 are held against a server's own text in
// test/server/exact-keys.test.ts.
import { expect, it } from 'vitest';
import { displayValue } from '../../src/plan/display-value.ts';

const shown = (dataType: string, columnType: string, hex: string): unknown =>
  displayValue(
    { name: 'c', dataType, columnType, charset: null, labels: null },
    Buffer.from(hex.replaceAll(' ', ''), 'hex').toString('latin1'),
  );
const POINT_1_2 = '0101000000 000000000000f03f 0000000000000040';

it.each([
  ['uuid', '123e4567e89b12d3a45642661417', '123e4567-e89b-12d3-a456-426614170000'],
  ['uuid', '', '00000000-0000-0000-0000-000000000000'],
  ['inet4', '01', '1.0.0.0'],
  ['inet6', '', '::'],
  ['inet6', '00000000000000000000000000000001', '::1'],
  ['inet6', '00000000000000000000ffff01020304', '::ffff:1.2.3.4'],
  ['inet6', '20010db8', '2001:db8::'],
  ['inet6', '20010db8000100010001000100010000', '2001:db8:1:1:1:1:1::'],
])('%s %s', (type, hex, text) => {
  expect(shown(type, type, hex)).toBe(text);
});

it.each([
  ['a point', `00000000 ${POINT_1_2}`, 'POINT(1 2)'],
  ['one with SRID', `e6100000 ${POINT_1_2}`, 'SRID=4326;POINT(1 2)'],
  ['a line', '00000000 0102000000 01000000 000000000000f03f 0000000000000040', 'LINESTRING(1 2)'],
  ['a multipoint', `00000000 0104000000 01000000 ${POINT_1_2}`, 'MULTIPOINT((1 2))'],
  [
    'a polygon in a collection',
    '00000000 0107000000 01000000 0103000000 01000000 01000000 000000000000f03f 0000000000000040',
    'GEOMETRYCOLLECTION(POLYGON((1 2)))',
  ],
  ['nothing', '00000000 0107000000 00000000', 'GEOMETRYCOLLECTION EMPTY'],
])('geometry: %s', (_, hex, text) => {
  expect(shown('geometry', 'geometry', hex)).toBe(text);
});

it.each([
  ['cut short', '00000000 0101000000 000000000000f03f'],
  ['too long', `00000000 ${POINT_1_2} 00`],
  ['of more points than bytes', '00000000 0102000000 ffffffff 000000000000f03f 0000000000000040'],
  ['empty', ''],
])('what is no geometry is shown as bytes: %s', (_, hex) => {
  expect(shown('geometry', 'geometry', hex)).toEqual({
    base64: Buffer.from(hex.replaceAll(' ', ''), 'hex').toString('base64'),
  });
});

it('a vector is its numbers, each as short as it can be', () => {
  expect(shown('vector', 'vector(3)', '0000803f cdcccc3d 01000000')).toEqual([1, 0.1, 1e-45]);
  expect(shown('vector', 'vector(3)', '0000')).toEqual({ base64: 'AAA=' });
});
