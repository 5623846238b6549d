// The story, stage by stage. A newcomer starts here: each command is one function, each stage one call into its room.
import { diffWindow } from './diff/diff-window.ts';
import { planLines } from './diff/plan-lines.ts';
import { writePlan } from './plan/plan-file.ts';
import { loadPlan } from './plan/planned-transactions.ts';
import { openPrintingWriter } from './replay/printing-writer.ts';
import { replayPlan } from './replay/replay-plan.ts';
import { verifyReplay } from './replay/verify-plan.ts';
import { readReport } from './report/report-data.ts';
import type {
  DiffOutcome,
  DiffRequest,
  InspectOutcome,
  InspectRequest,
  ReplayOutcome,
  ReplayRequest,
  VerifyOutcome,
  VerifyRequest,
} from './requests.ts';
import { inspectWindow } from './session/inspect-window.ts';
import { openPair } from './session/open-pair.ts';
import { openReplay } from './session/open-replay.ts';
import { readWindow } from './window/read-window.ts';

/** Reads, compares, writes the plan. Writes to no server. */
export async function dryRun(request: DiffRequest): Promise<DiffOutcome> {
  const pair = await openPair(request);
  try {
    request.progress.step(`reading what ${pair.failedName} wrote after ${pair.startName}`);
    const window = await readWindow(pair.window, pair.readHooks);
    request.progress.step(`comparing ${window.transactions.length} transactions with ${pair.restored.name}`);
    const diff = await diffWindow(window.transactions, pair.reader, pair.charsetOf, pair.witness);
    await writePlan(request.plan, planLines(diff, pair.describe(window)));
    return { kind: 'diff', source: pair.source, ...(await readReport(request.plan)) };
  } finally {
    await pair.close();
  }
}

/** Without `apply` it judges every transaction again and writes nothing. */
export async function replay(request: ReplayRequest): Promise<ReplayOutcome> {
  const plan = await loadPlan(request.plan);
  const session = await openReplay(plan, request);
  try {
    // The point of no return: behind openWriter each committed transaction stays.
    const writer = request.apply
      ? await session.openWriter()
      : await openPrintingWriter(session.prepared, session.reader);
    const result = await replayPlan(session.prepared, writer, session.hooks).finally(() => writer.close());
    const verified = request.apply ? await session.verify() : null;
    return session.outcome(result, verified);
  } finally {
    await session.close();
  }
}

/** Reads every replayed row back. */
export async function verify(request: VerifyRequest): Promise<VerifyOutcome> {
  const plan = await loadPlan(request.plan);
  const session = await openReplay(plan, { ...request, failed: undefined, apply: false });
  try {
    const result = await verifyReplay(session.prepared, session.reader, session.liveLog);
    return { kind: 'verify', plan: request.plan, header: plan.header, ...result };
  } finally {
    await session.close();
  }
}

/** What is in a log, with no other server at hand. */
export async function inspect(request: InspectRequest): Promise<InspectOutcome> {
  return inspectWindow(request);
}
