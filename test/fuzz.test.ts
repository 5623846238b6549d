// A few thousand of the inputs that `npm run fuzz` makes a million of. `npm run fuzz -- 1 SEED` repeats one.
import { afterAll, expect, test } from 'vitest';
import { loadCorpus } from '../fuzz/corpus.ts';
import { Decoder } from '../fuzz/decode.ts';
import { makeInput } from '../fuzz/mutate.ts';

const decoder = new Decoder();
afterAll(() => decoder.close());

test('whatever is read ends in transactions or in one error that names its place', async () => {
  const corpus = loadCorpus();
  const outcomes: Record<string, number> = {};
  for (let seed = 1; seed <= 3000; seed++) {
    const result = await decoder.judge(makeInput(corpus, seed));
    if (result.kind === 'finding') expect.fail(`seed ${seed}: ${result.what}`);
    outcomes[result.kind] = (outcomes[result.kind] ?? 0) + 1;
  }
  // Inputs that are all refused at once would test nothing.
  expect(outcomes.decoded).toBeGreaterThan(500);
  expect(outcomes.refused).toBeGreaterThan(500);
});
