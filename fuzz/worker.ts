// Works through its inputs in a thread of its own, so that one that never ends can be told from outside.
import { parentPort, workerData } from 'node:worker_threads';
import { loadCorpus } from './corpus.ts';
import { Decoder } from './decode.ts';
import { makeInput } from './mutate.ts';

export interface Work {
  seed: number;
  count: number;
  /** The seed at hand is noted here. */
  current: SharedArrayBuffer;
}

export type Report =
  | { kind: 'finding'; seed: number; from: string; what: string }
  | { kind: 'done'; outcomes: Record<string, number> };

const { seed, count, current } = workerData as Work;
const at = new Int32Array(current);
const corpus = loadCorpus();
const decoder = new Decoder();
const outcomes: Record<string, number> = {};
for (let i = seed; i < seed + count; i++) {
  Atomics.store(at, 0, i);
  const input = makeInput(corpus, i);
  const result = await decoder.judge(input);
  const name = result.kind === 'refused' ? `refused (${result.code})` : result.kind;
  outcomes[name] = (outcomes[name] ?? 0) + 1;
  if (result.kind === 'finding') report({ kind: 'finding', seed: i, from: input.from, what: result.what });
}
decoder.close();
report({ kind: 'done', outcomes });

function report(message: Report): void {
  parentPort!.postMessage(message);
}
