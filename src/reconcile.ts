// The story, stage by stage. A newcomer starts here: each command is one function, each stage one call into its room.
// (inspect, which compares nothing, is src/session/inspect-window.ts.) What only a diff needs is loaded by it alone.
import { createHash } from 'node:crypto';
import { diffWindow, type WindowDiff } from './diff/diff-window.ts';
import { planLines } from './diff/plan-lines.ts';
import { checkPlanPlace, writePlan } from './plan/plan-file.ts';
import { loadPlan } from './plan/planned-transactions.ts';
import { loadPolicy } from './policy/load-policy.ts';
import { ReconcileError } from './reconcile-error.ts';
import { replayPlan } from './replay/replay-plan.ts';
import { NO_THROTTLE } from './replay/throttle.ts';
import { ReportCollector, type ReportData, readReport } from './report/report-data.ts';
import type {
  CleanOutcome,
  CleanRequest,
  DiffOutcome,
  DiffRequest,
  ReplayOutcome,
  ReplayRequest,
  ResolveRequest,
  UndoOutcome,
  UndoRequest,
  VerifyOutcome,
  VerifyRequest,
} from './requests.ts';
import { acceptDamage } from './session/damaged-plan.ts';
import { openReplay } from './session/open-replay.ts';
import { replayOutcome } from './session/replay-outcome.ts';
import type { Window } from './window/read-window.ts';

/** Reads, compares, writes the plan. Writes to no server. */
export async function dryRun(request: DiffRequest): Promise<DiffOutcome> {
  await checkPlanPlace(request.plan);
  const policy = await loadPolicy(request.policy);
  const { openPair } = await import('./session/open-pair.ts');
  const { readWindow } = await import('./window/read-window.ts');
  const pair = await openPair(request);
  let window: Window | null = null;
  let diff: WindowDiff | null = null;
  try {
    request.progress.step(`reading what ${pair.failedName} wrote after ${pair.startName}`);
    window = await readWindow(pair.window, pair.readHooks);
    request.progress.step(`comparing ${window.transactions.length} transactions with ${pair.restored.name}`);
    const witness = await pair.openWitness(window);
    diff = await diffWindow(window.transactions, pair.reader, pair.charsetOf, witness, policy);
    const report = new ReportCollector();
    await writePlan(request.plan, report.watch(planLines(diff, pair.describe(window))));
    return { kind: 'diff', source: pair.source, ...report.data(request.plan) };
  } finally {
    diff?.close();
    window?.transactions.close();
    await pair.close();
  }
}

/** Judges a plan again under a policy and writes what comes of it beside the plan; null: there is no policy. */
export async function resolve(request: ResolveRequest): Promise<ReportData | null> {
  const policy = await loadPolicy(request.policy);
  if (!policy) return null;
  const { resolvedLines } = await import('./session/resolve-plan.ts');
  const plan = await loadPlan(request.plan, acceptDamage(request.plan, 'plan', request));
  const lines = await resolvedLines(plan, policy, request).finally(() => plan.close());
  const name = createHash('sha256').update(JSON.stringify(lines)).digest('hex').slice(0, 8);
  const path = `${request.plan.replace(/(\.plan)?\.jsonl$/, '').replace(/\.resolved-[0-9a-f]{8}$/, '')}.resolved-${name}.jsonl`;
  await writePlan(path, lines);
  return readReport(path);
}

/** Without `apply` it judges every transaction again and writes nothing. */
export async function replay(request: ReplayRequest): Promise<ReplayOutcome> {
  const plan = await loadPlan(request.plan, acceptDamage(request.plan, 'plan', request));
  const session = await openReplay(plan, request, 'replay');
  try {
    // The point of no return: behind openWriters, with the undo file on disk, each committed transaction stays.
    const writers = request.apply ? await session.openWriters() : await session.openPrinter();
    const result = await replayPlan(session.prepared, writers, session.hooks);
    const verified = request.apply ? await session.verify() : null;
    return await replayOutcome(plan, request, session, result, verified);
  } finally {
    await session.close();
  }
}

/** Takes a replay back, last transaction first, by the same guarded steps. */
export async function undo(request: UndoRequest): Promise<UndoOutcome> {
  const plan = await loadPlan(request.file, acceptDamage(request.file, 'undo file', request), 'undo file');
  const session = await openReplay(
    plan,
    { ...request, plan: request.file, failed: undefined, failedNamed: false },
    'undo',
  );
  try {
    const writers = request.apply ? await session.openWriters() : await session.openPrinter();
    const result = await replayPlan(session.prepared, writers, session.hooks);
    const { applied, alreadyPresent, held, conflicts } = result;
    return {
      kind: 'undo',
      apply: request.apply,
      file: request.file,
      undone: applied,
      nothingToUndo: alreadyPresent,
      held,
      conflicts,
    };
  } finally {
    await session.close();
  }
}

/** Reads every replayed row back. */
export async function verify(request: VerifyRequest): Promise<VerifyOutcome> {
  const plan = await loadPlan(request.plan);
  const session = await openReplay(
    plan,
    { ...request, failed: undefined, failedNamed: false, apply: false, workers: 1, throttle: NO_THROTTLE },
    'verify',
  );
  try {
    const result = await session.verify();
    // Reading only, it has nothing to finish: it ends as an interrupted command does, without a verdict.
    if (request.signal.aborted)
      throw new ReconcileError('interrupted', 'interrupted: nothing was proved, nothing was changed');
    return { kind: 'verify', plan: request.plan, header: plan.header, ...result };
  } finally {
    await session.close();
  }
}

/** Removes what replays leave behind. */
export async function clean(request: CleanRequest): Promise<CleanOutcome> {
  const { cleanJournal } = await import('./session/clean-journal.ts');
  return cleanJournal(request);
}
