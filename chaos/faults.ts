// What goes wrong, and when: chosen by the seed, struck on one run of the tool. Judges only how that run ended; what became of
// the data, the round looks at.
import { setTimeout as sleep } from 'node:timers/promises';
import type { SandboxServer } from '../test/sandbox/index.ts';
import { pick, type Random, whole } from './random.ts';
import { STEPS, type Step, StepProxy, type Trap } from './step-proxy.ts';
import { type Ended, startTool } from './tool.ts';

export type Blow = 'kill the tool' | 'kill the server' | 'cut the connection' | 'interrupt';

export type Fault =
  | { kind: 'at a step'; blow: Blow; trap: Trap }
  | { kind: 'at a moment'; blow: Blow; milliseconds: number }
  | { kind: 'disk full' }
  | { kind: 'two at once'; milliseconds: number };

export interface Target {
  server: SandboxServer;
  /** The command without its server. */
  args: readonly string[];
  /** Undone or replayed transactions that are still ahead, about. */
  left: number;
}

const BLOWS: readonly Blow[] = [
  'kill the tool',
  'kill the tool',
  'kill the server',
  'cut the connection',
  'interrupt',
];
/** Below any undo file of a round's window. */
const FULL_DISK_KIB = 4;
const TYPICAL_RUN_MS = 1500;

export function chooseFault(random: Random, left: number): Fault {
  const kind = pick(random, [
    'at a step',
    'at a step',
    'at a step',
    'at a moment',
    'at a moment',
    'disk full',
    'two at once',
  ]);
  const blow = pick(random, BLOWS);
  const milliseconds = whole(random, 0, TYPICAL_RUN_MS);
  switch (kind) {
    case 'at a step': {
      const step = pick(random, Object.keys(STEPS) as Step[]);
      const nth = step === 'lock' ? 1 : whole(random, 1, Math.max(1, Math.min(left, 40)));
      return { kind, blow, trap: { step, nth, when: pick(random, ['before', 'after']) } };
    }
    case 'at a moment':
      return { kind, blow, milliseconds };
    case 'two at once':
      return { kind, milliseconds: milliseconds / 5 };
    default:
      return { kind: 'disk full' };
  }
}

export function describeFault(fault: Fault): string {
  switch (fault.kind) {
    case 'at a step':
      return `${fault.blow} ${fault.trap.when} ${fault.trap.step} ${fault.trap.nth}`;
    case 'at a moment':
      return `${fault.blow} after ${fault.milliseconds} ms`;
    default:
      return fault.kind;
  }
}

/** Runs the command into the fault. `struck`: the fault came before the run was through. Throws what should not be. */
export async function strike(fault: Fault, target: Target): Promise<{ struck: boolean; done: boolean }> {
  switch (fault.kind) {
    case 'disk full':
      return diskFull(target);
    case 'two at once':
      return twoAtOnce(fault.milliseconds, target);
    default:
      return blowOn(fault, target);
  }
}

async function blowOn(
  fault: Extract<Fault, { blow: Blow }>,
  { server, args }: Target,
): Promise<{ struck: boolean; done: boolean }> {
  const proxy = await StepProxy.start(server);
  try {
    const trapped = fault.kind === 'at a step' ? proxy.set(fault.trap) : null;
    const { child, ended } = startTool([...args, ...toServer(server, proxy.port)], server.password);
    const moment = trapped ?? sleep(fault.kind === 'at a moment' ? fault.milliseconds : 0);
    const first = await Promise.race([moment.then(() => 'blow' as const), ended]);
    if (first !== 'blow') return { struck: false, done: expectDone(first) };
    switch (fault.blow) {
      case 'kill the tool':
        child.kill('SIGKILL');
        break;
      case 'interrupt':
        child.kill('SIGINT');
        // Twice where its answer never comes: the operator's patience ends too.
        if (trapped) setTimeout(() => child.kill('SIGINT'), 300);
        break;
      case 'cut the connection':
        proxy.cut();
        break;
      case 'kill the server':
        await server.kill();
        proxy.cut();
    }
    const end = await ended;
    proxy.cut();
    if (fault.blow === 'kill the server') await server.restart();
    const allowed: Record<Blow, (number | null)[]> = {
      'kill the tool': [null, 0],
      'kill the server': [1, 0],
      'cut the connection': [1, 0],
      // Null: it came before the tool was listening, which ends a process as any other.
      interrupt: [130, 0, null],
    };
    if (!allowed[fault.blow].includes(end.code))
      throw new Error(`${describeFault(fault)}: it ended with ${end.code}:\n${end.text}`);
    return { struck: end.code !== 0, done: end.code === 0 };
  } finally {
    await proxy.close();
  }
}

async function diskFull({ server, args }: Target): Promise<{ struck: boolean; done: boolean }> {
  const end = await startTool([...args, ...toServer(server, server.port)], server.password, FULL_DISK_KIB)
    .ended;
  if (end.code === 0) return { struck: false, done: true };
  if (end.code !== 1 || !/the undo file .* can't be written, so nothing was replayed/.test(end.text))
    throw new Error(`with a full disk it ended with ${end.code}:\n${end.text}`);
  return { struck: true, done: false };
}

async function twoAtOnce(
  milliseconds: number,
  { server, args }: Target,
): Promise<{ struck: boolean; done: boolean }> {
  const words = [...args, ...toServer(server, server.port)];
  const first = startTool(words, server.password);
  await sleep(milliseconds);
  const ends = await Promise.all([first.ended, startTool(words, server.password).ended]);
  const refused = ends.filter(({ code }) => code === 4);
  for (const { text } of refused) {
    if (!/another reconcile is replaying/.test(text)) throw new Error(`refused for another reason:\n${text}`);
  }
  if (refused.length === 2) throw new Error('two at once, and both were refused');
  return {
    struck: refused.length > 0,
    done: ends
      .filter(({ code }) => code !== 4)
      .map(expectDone)
      .includes(true),
  };
}

/** A run that nothing struck: it is through, or customers kept its rows locked. */
export function expectDone({ code, text }: Ended): boolean {
  if (code === 0) return true;
  if (code === 1 && /stayed locked by other sessions/.test(text)) return false;
  throw new Error(`a run that nothing struck ended with ${code}:\n${text}`);
}

export function toServer({ user, host }: SandboxServer, port: number): string[] {
  // The proxy reads statements.
  return ['--restored', `mysql://${user}@${host}:${port}`, '--ssl-mode', 'DISABLED'];
}
