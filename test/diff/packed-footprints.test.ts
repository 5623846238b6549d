// What comes out is what went in, however many parts a change has.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { ChangeFootprint, TransactionFootprint } from '../../src/diff/footprint.ts';
import { PackedFootprints, walkChanges } from '../../src/diff/packed-footprints.ts';

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

test('a walk tells what the changes are, packed or not', () => {
  const told = (footprint: TransactionFootprint): unknown[] => {
    const list: unknown[] = [];
    const tell =
      (name: string) =>
      (...values: unknown[]) =>
        list.push([name, ...values]);
    walkChanges(footprint, {
      ...{ change: tell('change'), row: tell('row'), unique: tell('unique') },
      ...{ reference: tell('reference'), vanishing: tell('vanishing'), counted: tell('counted') },
    });
    return list;
  };
  const head = { id: 'a:1', unsupported: [], differs: [], applied: false };
  fc.assert(
    fc.property(fc.array(fc.array(change, { maxLength: 4 }), { maxLength: 4 }), (transactions) => {
      const packed = new PackedFootprints();
      const prints = transactions.map((changes) => packed.add(head, changes));
      prints.forEach((print, i) => {
        const changes = transactions[i]!;
        const parts = changes.flatMap((one) => Object.values(one).flat()).length;
        expect(told(print)).toHaveLength(changes.length + parts);
        expect(told(print)).toEqual(told({ ...head, changes }));
      });
    }),
    { numRuns: 30 },
  );
});
