// Removes what replays leave on the restored primary beside the rows: the journal. Refuses while somebody may still need
// it: without it a plan that was replayed could be replayed once more over what customers did since.
import { plansIn } from '../plan/plans-in-folder.ts';
import { type JournalContents, readJournalContents, removeJournal } from '../replay/journal-removal.ts';
import { lockReplay } from '../replay/target-watch.ts';
import type { CleanOutcome, CleanRequest } from '../requests.ts';
import { connectServer } from '../server/connection.ts';
import { isRecordedServer } from '../server/identity.ts';
import { type CheckedServer, readCheckedServer } from '../server/safety-checks/checked-server.ts';
import { checkRestoredReadOnly } from '../server/safety-checks/restored-read-only.ts';
import { checkRestoredReplicates } from '../server/safety-checks/restored-replicates.ts';
import { type CheckResult, overridden, refusal, runChecks } from '../server/safety-checks/run-checks.ts';

/** An undo may be wanted for so long, from a machine whose files are not seen here. */
const KEPT_SECONDS = 24 * 3600;

export async function cleanJournal(request: CleanRequest): Promise<CleanOutcome> {
  const { journal: schema, apply, force, folder, progress } = request;
  const restored = await connectServer(request.restored);
  try {
    const now = await readCheckedServer(restored);
    const contents = await readJournalContents(restored, schema);
    if (contents === null)
      return { kind: 'clean', apply, schema, contents, removed: false, schemaRemoved: false };
    const results = [
      checkRestoredReplicates(now),
      checkRestoredReadOnly(now),
      await checkJournalNeeded(contents, now, folder),
    ];
    // What --apply would refuse is told beforehand.
    if (!apply)
      for (const result of results) if (result) progress.warn(`--apply would be refused: ${result.message}`);
    if (!apply) return { kind: 'clean', apply, schema, contents, removed: false, schemaRemoved: false };
    runChecks(results, force);
    for (const warning of overridden(results, force)) progress.warn(warning);
    await lockReplay(restored);
    const schemaRemoved = await removeJournal(restored, schema);
    return { kind: 'clean', apply, schema, contents, removed: true, schemaRemoved };
  } finally {
    await restored.close();
  }
}

async function checkJournalNeeded(
  { age, undone }: JournalContents,
  { identity, settings }: CheckedServer,
  folder: string,
): Promise<CheckResult> {
  const needing = (await plansIn(folder)).filter(
    ({ header }) => header.transactions.missing > 0 && isRecordedServer(identity, header.restored),
  );
  if (needing.length > 0) {
    const files = needing.map(({ file }) => file).join(', ');
    return refusal(
      'journal-needed',
      `${files} can still be replayed or taken back here, and only the journal tells what of it is done`,
      'Move it into an archive first, once nobody will replay it or take it back.',
    );
  }
  if (age !== null && age < KEPT_SECONDS) {
    return refusal(
      'journal-needed',
      `the journal's last entry is ${Math.round(age / 360) / 10} hours old: somebody may still take that replay back`,
      'Wait for a day after the last replay.',
    );
  }
  if (undone === 0 || (settings.gtidMode ?? 'OFF') === 'OFF') return null;
  // A diff would then say "present" of rows that are not there.
  return refusal(
    'journal-needed',
    `${undone} transaction${undone === 1 ? ' was' : 's were'} taken back, and their GTIDs stay executed: only the journal tells that their rows are gone`,
    'Keep it for as long as anybody may compare with the failed primary’s log again.',
  );
}
