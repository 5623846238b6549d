// A value of the window that can't be read ends the diff with its place and a way out, never with a bare fault.
import { expect, test } from 'vitest';
import type { RowImage } from '../../src/binlog/transaction.ts';
import { InternedTexts } from '../../src/diff/interned-texts.ts';
import { RowContents } from '../../src/diff/row-contents.ts';
import { LoggedSides } from '../../src/diff/row-sides.ts';
import type { WindowTable } from '../../src/diff/window-table.ts';

const PLACE = { file: 'binlog.000007', position: 4711 };

function sides(type: number, meta: number, stored: Buffer): LoggedSides {
  const table = {
    name: 'shop.orders',
    columns: [{ type, meta, unsigned: false, binary: true }],
  } as unknown as WindowTable;
  const image: RowImage = { bytes: stored, offsets: Int32Array.of(0, stored.length) };
  return new LoggedSides(table, null, image, PLACE);
}

test('damage: file and position, and where to get a whole file', () => {
  // An object of two members in three bytes.
  const json = Buffer.from([4, 0, 0, 0, 0x00, 2, 0, 9]);
  const read = () => sides(245, 4, json).after!.content(new RowContents(new InternedTexts()), null);
  expect(read).toThrow(/^binlog\.000007 position 4711: /);
  expect(read).toThrow(
    expect.objectContaining({ code: 'corrupt', hint: expect.stringContaining('Copy the file again') }),
  );
  expect(() => sides(245, 4, json).after!.pick([0])).toThrow(/^binlog\.000007 position 4711: /);
});

test('a kind of value that is not read: file and position, and how to go on without the table', () => {
  // MariaDB's COMPRESSED column with a method that nobody has.
  const value = Buffer.from([3, 0, 0x90, 1, 2]);
  expect(() => sides(140, 2, value).after!.content(new RowContents(new InternedTexts()), null)).toThrow(
    expect.objectContaining({
      code: 'unsupported',
      message: expect.stringMatching(/^binlog\.000007 position 4711: /),
      hint: 'Leave the table out, --ignore-tables shop.orders, and look at its rows by hand.',
    }),
  );
});
