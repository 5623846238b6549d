// The night, from the first write to the proof. Each chapter says what happens, makes it happen, and lets reconcile's
// own output speak.
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Flavor } from '../test/sandbox/index.ts';
import { addressOf, ServerPair } from '../test/scenarios/server-pair.ts';
import { Application } from './application.ts';
import type { Narrator } from './narrator.ts';
import { type Planned, readPlan } from './plan-outcome.ts';
import { prove } from './proof.ts';
import { afterReplay, halfDone, onFailed, onRestored, scriptedRows, sentAgain } from './scripted-night.ts';
import { ShopState, schemaSql, transaction, transactionSql } from './shop.ts';
import { type Shell, typeCommand } from './type-command.ts';
import { customersOf, seedWrites } from './workloads.ts';

const SECONDS_ON_B = 5;
const PAUSE_MS = 20;

/** True where the proof holds. `folder` is the operator's: record and plan go there. */
export async function botchedFailover(flavor: Flavor, folder: string, narrator: Narrator): Promise<boolean> {
  const pair = await ServerPair.start(flavor === 'mysql' ? 'mysql-gtid' : 'mariadb-11.8');
  const { a, b } = pair;
  const shell: Shell = { narrator, folder, env: pair.credentials };

  narrator.chapter('A quiet evening');
  await pair.reset();
  await a.query(schemaSql());
  const early = new Application(a, new ShopState());
  await early.send(transaction(1, 'the shop opens', [...scriptedRows(), ...seedWrites()]));
  early.start([customersOf(0), customersOf(1)], PAUSE_MS);
  narrator.say(`${flavor === 'mysql' ? 'MySQL' : 'MariaDB'} ${a.version}: A on port ${a.port} is the primary, B on port ${b.port} follows it by GTID. Customers of
    a shop write to A: orders over several tables, money transfers.`);
  await sleep(1000);
  await early.stop();
  await pair.caughtUp();
  narrator.say(`${early.acknowledged.length} transactions so far. B has all of them.`);

  narrator.chapter('The failover');
  narrator.say(`Writes are to move to B. At that moment a hook of the failover tool takes down where both servers
    stand. (Passwords come from the environment: RECONCILE_OLD_PASSWORD and its like.)`);
  await pair.fenceOld();
  await typeCommand(
    ['record', '--old', addressOf(a), '--new', addressOf(b), '--out', 'failover.json'],
    0,
    shell,
  );
  await pair.promote();
  narrator.pause();
  narrator.say('A takes no more writes, and B does.');
  const failed = new Application(b, early.shop);

  narrator.chapter(`B serves writes for ${SECONDS_ON_B} seconds, and dies`);
  for (const step of onFailed) await failed.send(step(failed.shop));
  failed.start([customersOf(2), customersOf(3), customersOf(4)], PAUSE_MS);
  await sleep(SECONDS_ON_B * 1000);
  failed.hurry();
  const open = transactionSql(halfDone).replace(/COMMIT$/, 'SELECT SLEEP(60)');
  const half = b.query(open).catch(() => {});
  await sleep(200);
  await b.kill();
  await Promise.all([failed.stop(), half]);
  narrator.say(`kill -9, in mid-write. B had acknowledged ${failed.acknowledged.length} transactions;
    ${failed.inDoubt.length} were under way without an answer, and one import was half done. None of it is on A.`);

  narrator.chapter('Traffic goes back to A');
  await pair.restoreOld();
  const restored = new Application(a, early.shop);
  for (const step of [...sentAgain, ...onRestored]) await restored.send(step(restored.shop));
  restored.start([customersOf(5)], PAUSE_MS);
  narrator.say(`The application sends ${sentAgain.length} transactions to A that it had sent to B already. Some of what
    A does now touches rows that B has changed, too. From here on A never stops serving its customers.`);
  await sleep(1000);
  await pair.restartFenced();
  narrator.say('B comes back, fenced: it takes no writes.');

  narrator.chapter('What does only B have?');
  narrator.say('A dry run. It reads B’s binary log and looks the rows up on A; it writes to no server.');
  await typeCommand([], 3, shell);

  narrator.chapter('Back onto A with it');
  await typeCommand(['replay', '--apply', '--yes'], 3, shell);
  const plan = readPlan(join(folder, 'reconcile.plan.jsonl'));
  learnReplayed(plan, failed, restored);
  await restored.send(afterReplay(plan, restored.shop));
  narrator.pause();
  narrator.say('Meanwhile a customer whose order came back pays it, on A.');
  await typeCommand(['verify'], 0, shell);

  narrator.chapter('The account of the night');
  await restored.stop();
  tellAccount(plan, failed, narrator);

  narrator.chapter('The proof');
  narrator.say('The application has kept its own journal of all that was acknowledged. Against it:');
  return prove(
    { start: early.shop, onFailed: failed, onRestored: restored, plan, neverCommitted: halfDone },
    narrator,
  );
}

/** What was replayed is in A's shop now, and the application works with it. */
function learnReplayed(plan: readonly Planned[], failed: Application, restored: Application): void {
  const sent = new Map([...failed.acknowledged, ...failed.inDoubt].map((one) => [one.request, one]));
  for (const { request, state } of plan) if (state === 'missing') restored.shop.apply(sent.get(request)!);
}

function tellAccount(
  plan: readonly Planned[],
  { acknowledged, inDoubt }: Application,
  narrator: Narrator,
): void {
  const sent = new Map([...acknowledged, ...inDoubt].map((one) => [one.request, one.what]));
  const inState = (...states: Planned['state'][]): Planned[] =>
    plan.filter(({ state }) => states.includes(state));
  const back = inState('conflict', 'held', 'unsupported');
  narrator.count('at stake', plan.length, 'transactions that B had committed');
  narrator.count('came back', inState('missing').length, 'replayed on A, each one whole');
  narrator.count(
    'had come back',
    inState('present').length,
    'the application had sent them to A again by itself',
  );
  narrator.count('held back', back.length, 'a person decides; nothing of them was written:');
  for (const { request, state, why } of back) {
    narrator.detail(`${String(request).padStart(3)}  ${sent.get(request)}: ${state} (${why})`);
  }
  const never = inDoubt.filter(({ request }) => !plan.some((one) => one.request === request)).length + 1;
  narrator.count('lost', never, 'were never committed, and the application was never told that they were');
}
