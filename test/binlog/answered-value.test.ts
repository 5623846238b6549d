// isAnswered() of every kind of stored value against the texts of both: of its own answer and of any that is like it.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { isAnswered } from '../../src/binlog/answered-value.ts';
import { decimalLength, fractionLength } from '../../src/binlog/column-length.ts';
import * as T from '../../src/binlog/column-type.ts';
import { logValue, serverValue, type ValueColumn } from '../../src/binlog/column-value.ts';
import { decimalBytes } from '../../src/binlog/decimal-value.ts';

/** A column and how many bytes its values take. */
const column = fc.oneof(
  fc.integer({ min: 0, max: 6 }).map((meta) => of(T.DATETIME2, meta, 5 + fractionLength(meta))),
  fc.integer({ min: 0, max: 6 }).map((meta) => of(T.TIMESTAMP2, meta, 4 + fractionLength(meta))),
  fc.constantFrom(1, 2, 3, 8).map((meta) => of(T.ENUM, meta, meta)),
  fc
    .constantFrom([T.TINY, 1], [T.SHORT, 2], [T.INT24, 3], [T.LONG, 4], [T.LONGLONG, 8])
    .chain(([type, bytes]) => fc.boolean().map((unsigned) => of(type!, 0, bytes!, unsigned))),
  fc
    .tuple(fc.integer({ min: 1, max: 20 }), fc.nat(6))
    .filter(([precision, scale]) => scale <= precision)
    .map(([precision, scale]) => of(T.NEWDECIMAL, (precision << 8) | scale, decimalLength(precision, scale))),
);

function of(type: number, meta: number, length: number, unsigned = false) {
  return { column: { type, meta, unsigned, binary: false } satisfies ValueColumn, length };
}

/** Bytes as a server stores them are one form of their value: of others the text says nothing. */
const stored = column.chain(({ column, length }) =>
  fc
    .oneof(fc.uint8Array({ minLength: length, maxLength: length }), usual(column, length))
    .map((bytes) => ({ column, bytes: Buffer.from(bytes) })),
);

/** Dates and times that there are: bytes at random nearly never are one. */
function usual({ type }: ValueColumn, length: number): fc.Arbitrary<Uint8Array> {
  return fc
    .tuple(
      fc.nat(9999),
      fc.nat(12),
      fc.nat(31),
      fc.nat(23),
      fc.nat(59),
      fc.nat(59),
      fc.array(fc.nat(99), { minLength: 3, maxLength: 3 }),
    )
    .map(([year, month, day, hour, minute, second, fraction]) => {
      const bytes = Buffer.alloc(length);
      if (type === T.DATETIME2) {
        const low = (day << 17) | (hour << 12) | (minute << 6) | second;
        bytes.writeUIntBE(0x8000000000 + (year * 13 + month) * 2 ** 22 + low, 0, 5);
        if (length > 5) bytes.writeUIntBE(fractionOf(fraction, length - 5), 5, length - 5);
      } else if (type === T.TIMESTAMP2) {
        bytes.writeUInt32BE(year * 400_000 + second);
        if (length > 4) bytes.writeUIntBE(fractionOf(fraction, length - 4), 4, length - 4);
      }
      return bytes;
    });
}

function fractionOf(pairs: readonly number[], size: number): number {
  return pairs.slice(0, size).reduce((value, pair) => value * 100 + pair, 0);
}

const change = fc.record({ at: fc.nat(30), to: fc.constantFrom(...'0123456789-. :x') });

test('its own answer is its own, and one that differs in a character, or by one, is not', () => {
  const seen = new Set<number>();
  fc.assert(
    fc.property(stored, change, fc.nat(3), ({ column, bytes }, { at, to }, kind) => {
      let text: string;
      try {
        text = logValue(column, bytes, 0, bytes.length);
      } catch {
        return;
      }
      if (isDamage(column, bytes, text)) return;
      const answers = (answer: string): boolean => {
        // Somewhere in a packet.
        const packet = Buffer.from(`9${answer}9`);
        return isAnswered(column, bytes, 0, bytes.length, column, packet, 1, packet.length - 1);
      };
      expect(answers(text)).toBe(true);
      seen.add(column.type);
      const place = at % (text.length + 1);
      const other =
        kind === 0
          ? text.slice(0, place) + to + text.slice(place)
          : kind === 1
            ? text.slice(0, place) + text.slice(place + 1)
            : text.slice(0, place) + to + text.slice(place + 1);
      // A server answers no number with a sign or digits that are not its own.
      if (isNumber(column) && !/^-?(0|[1-9]\d*)(\.\d+)?$/.test(other)) return;
      expect(answers(other)).toBe(serverValue(column, other) === text);
    }),
    { numRuns: 5000 },
  );
  expect(seen.size).toBe(9);
});

/** Nine digits that are more than nine: no server writes them. */
function isDamage({ type, meta }: ValueColumn, bytes: Buffer, text: string): boolean {
  return type === T.NEWDECIMAL && decimalBytes(text, meta >> 8, meta & 0xff)?.equals(bytes) !== true;
}

function isNumber({ type }: ValueColumn): boolean {
  return type !== T.DATETIME2 && type !== T.TIMESTAMP2;
}
