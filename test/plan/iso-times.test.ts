// Times come back to the microsecond, whatever was asked for before.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { IsoTimes } from '../../src/plan/iso-times.ts';
import { isoTime } from '../../src/plan/window-counts.ts';

const micros = fc
  .tuple(fc.integer({ min: -3, max: 3 }), fc.constantFrom(1, 1_763_683_117, 4_102_444_799), fc.nat(999_999))
  .map(([near, second, fraction]) => Math.max(1, (second + near) * 1_000_000 + fraction));

test('as isoTime() has them, and back', () => {
  fc.assert(
    fc.property(fc.array(micros, { minLength: 1, maxLength: 20 }), (all) => {
      const [write, read] = [new IsoTimes(), new IsoTimes()];
      for (const one of all) {
        const text = write.text(one);
        expect(text).toBe(isoTime(one));
        expect(read.micros(text)).toBe(one);
      }
    }),
  );
});

test('none, and what a person may have put there', () => {
  const times = new IsoTimes();
  expect(times.text(null)).toBe(null);
  expect(times.micros(null)).toBe(0);
  const second = Date.parse('2026-11-20T10:00:00Z') * 1000;
  expect(times.micros('2026-11-20T10:00:00.123456Z')).toBe(second + 123_456);
  expect(times.micros('2026-11-20T10:00:00.5Z')).toBe(second + 500_000);
  expect(times.micros('2026-11-20T10:00:00Z')).toBe(second);
  expect(times.micros('2026-11-20T10:00:00.12345XZ')).toBeNaN();
  expect(times.micros('2026-11-20T10:00:00.123456X')).toBe(0);
  expect(times.micros('2026-11-20T10:00:01.000001Z')).toBe(second + 1_000_001);
  expect(times.micros('')).toBe(0);
});
