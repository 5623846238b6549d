// What comes out is what went in, however many parts a change has.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { ChangeFootprint } from '../../src/diff/footprint.ts';
import { PackedFootprints } from '../../src/diff/packed-footprints.ts';

const number = fc.nat(1e9);
const held = fc.option(fc.integer({ min: -1, max: 1e9 }));
const many = <T>(one: fc.Arbitrary<T>) =>
  fc.oneof(fc.array(one, { maxLength: 3 }), fc.array(one, { minLength: 62, maxLength: 65, size: 'max' }));
const transition = fc.record({ slot: number, from: held, to: held });
const change: fc.Arbitrary<ChangeFootprint> = fc.record({
  rows: many(transition),
  unique: many(transition),
  references: many(fc.record({ foreignKey: number, child: number, parent: held, left: held })),
  vanishing: many(
    fc.record({ slot: number, unchecked: fc.boolean(), foreignKeys: fc.array(number, { maxLength: 3 }) }),
  ),
  counted: many(fc.record({ slot: number, step: fc.constantFrom(1 as const, -1 as const) })),
});

test('changes of one transaction after the other', () => {
  fc.assert(
    fc.property(fc.array(fc.array(change, { maxLength: 4 }), { maxLength: 4 }), (transactions) => {
      const packed = new PackedFootprints();
      const prints = transactions.map((changes) =>
        packed.add({ id: 'a:1', unsupported: [], differs: [], applied: false }, changes),
      );
      expect(prints.map(({ changes }) => changes)).toEqual(transactions);
    }),
    { numRuns: 30 },
  );
});
