// One round: a failover, a window of lost transactions, customers on the restored primary; a replay struck by faults until
// it is through, then its undo in the same way. Throws at the first thing that is not as promised.
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { EngineName } from '../src/replay/write-engine.ts';
import type { FailoverPair } from '../test/failover-pair.ts';
import { bankRows, bankSchema, bankTransactions, checkWhole } from './bank.ts';
import { chooseFault, describeFault, expectDone, strike, toServer } from './faults.ts';
import { LiveCustomers } from './live-customers.ts';
import { randomFrom } from './random.ts';
import { startTool } from './tool.ts';

export interface RoundResult {
  /** How often each kind of fault struck. */
  faults: Map<string, number>;
  acknowledged: number;
  transactions: number;
}

const LOST = 60;
/** So many faults and no more, then it may finish. */
const FAULTS_A_PHASE = 12;
const GENTLE = ['--max-lag', 'off', '--max-share', 'off'];

export async function playRound(
  pair: FailoverPair,
  seed: number,
  say: (text: string) => void,
  enough: (faults: number) => boolean = () => false,
  engine: EngineName = 'row-events',
): Promise<RoundResult> {
  const random = randomFrom(seed);
  const name = `chaos_${seed}`;
  const { restored, failed } = pair;
  await pair.begin(bankSchema(name));
  const before = await bankRows(restored, name);
  await pair.onFailed(...bankTransactions(name, random, LOST));
  const after = await bankRows(failed, name);
  const { header } = await pair.diff();
  if (header.transactions.missing !== LOST)
    throw new Error(`only ${header.transactions.missing} of ${LOST} are missing`);
  const customers = new LiveCustomers(restored, name);
  const result: RoundResult = { faults: new Map(), acknowledged: 0, transactions: LOST };
  const known = new Set(undoFiles(pair));
  try {
    await phase('replay', ['replay', pair.plan], after);
    const undo = undoFiles(pair).find((file) => !known.has(file));
    if (!undo) throw new Error('the replay left no undo file');
    await phase('undo', ['undo', undo], before);
    result.acknowledged = await customers.stopAndCheck();
    return result;
  } finally {
    await customers.stop();
  }

  async function phase(what: 'replay' | 'undo', command: string[], expected: string[]): Promise<void> {
    const args = [
      ...command,
      '--apply',
      '--yes',
      '--json',
      '--record',
      pair.record,
      '--engine',
      engine,
      ...GENTLE,
    ];
    let done = false;
    for (let struck = 0; !done && struck < FAULTS_A_PHASE; ) {
      const fault = chooseFault(random, LOST - struck * 4);
      if (what === 'undo' && fault.kind === 'disk full') continue;
      if (enough([...result.faults.values()].reduce((sum, n) => sum + n, 0))) break;
      say(`seed ${seed}: ${what}: ${describeFault(fault)}`);
      const outcome = await strike(fault, { server: restored, args, left: LOST });
      done = outcome.done;
      if (!outcome.struck) continue;
      struck += 1;
      const kind = 'blow' in fault ? `${fault.blow} ${fault.kind}` : fault.kind;
      result.faults.set(kind, (result.faults.get(kind) ?? 0) + 1);
      await sessionsAreGone(pair);
      await checkWhole(restored, name);
    }
    const rest = async () =>
      startTool([...args, ...toServer(restored, restored.port)], restored.password).ended;
    while (!done) done = expectDone(await rest());
    const rows = await bankRows(restored, name);
    if (rows.join('\n') !== expected.join('\n'))
      throw new Error(`after the ${what} the rows are not as expected:\n${difference(rows, expected)}`);
    const again = JSON.parse((await rest()).stdout);
    if ((again.applied ?? again.undone) !== 0)
      throw new Error(`a second ${what} wrote again: ${JSON.stringify(again)}`);
    if (what === 'replay') await verified();
  }

  async function verified(): Promise<void> {
    const { wrong, changedSince, transactions } = await pair.verify();
    if (wrong !== 0 || changedSince !== 0 || transactions.replayed !== LOST || transactions.notReplayed !== 0)
      throw new Error(`verify: ${JSON.stringify({ wrong, changedSince, transactions })}`);
  }
}

/** A server may still be at the COMMIT of a session that is gone: only then does its data stand still. */
async function sessionsAreGone({ restored }: FailoverPair): Promise<void> {
  for (const end = Date.now() + 20_000; ; await sleep(20)) {
    const [lock] = await restored.query("SELECT IS_FREE_LOCK('reconcile.replay') AS free").catch(() => []);
    if (Number(lock?.free) === 1) return;
    if (Date.now() > end) throw new Error('the lock of a replay that is gone stays taken');
  }
}

function undoFiles({ folder }: FailoverPair): string[] {
  return readdirSync(folder)
    .filter((file) => /\.undo-.*\.jsonl$/.test(file))
    .map((file) => join(folder, file));
}

function difference(found: readonly string[], expected: readonly string[]): string {
  const [there, wanted] = [new Set(found), new Set(expected)];
  return [
    ...expected.filter((row) => !there.has(row)).map((row) => `  lacking: ${row}`),
    ...found.filter((row) => !wanted.has(row)).map((row) => `  too many: ${row}`),
  ].join('\n');
}
