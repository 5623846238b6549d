// Holds a plan against what plain SQL knows: what is to be replayed must fit, whole and in its order, and what fits must be
// replayed, unless there is a cause for caution that the documentation names. Reads the plan's states only.
import { readFileSync } from 'node:fs';
import { hasLogged, type Played } from './history.ts';
import { type Rows, sum, tableOf } from './rows.ts';
import type { Table } from './schema.ts';
import type { Trial } from './trial.ts';

export interface Planned {
  id: string;
  state: 'missing' | 'present' | 'conflict' | 'held' | 'unsupported';
  start: { file: string; position: number };
  changes: { name: string; op: string }[];
  conflicts?: { kind: string; table: string; why: string }[];
  heldBy?: { transaction: string; because: string };
  unsupported?: string[];
}

/** A transaction of the failed primary and what the plan says of it. */
export interface Matched {
  played: Played;
  planned: Planned;
}

export interface Circumstances {
  tables: readonly Table[];
  /** What the restored primary did since the failover. */
  restored: readonly Played[];
  /** The log has no whole rows. */
  partialImages: boolean;
  /** The server's cascades are not in its log. */
  silentCascades: boolean;
}

export function readPlan(file: string): Planned[] {
  return readFileSync(file, 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line))
    .filter(({ type }) => type === 'transaction');
}

/**
 * Each transaction of the log by its place in it; what cascades did is left out where the log has no trace of it. Throws where one
 * is not in the plan, or the plan has one too many.
 */
export function match(
  history: readonly Played[],
  plan: readonly Planned[],
  silentCascades: boolean,
): Matched[] {
  const logged = history.filter(hasLogged);
  const within = ({ from, to }: Played, { start: { file, position } }: Planned): boolean =>
    file === from.file && position >= from.position && (file !== to.file || position < to.position);
  const matched = logged.map((played) => ({ played, planned: plan.filter((one) => within(played, one)) }));
  const strange = matched.filter(({ planned }) => planned.length !== 1);
  if (strange.length > 0 || plan.length !== logged.length) {
    const lines = strange.map(
      ({ played, planned }) =>
        `${planned.length} of the plan are ${JSON.stringify(played.from)}: ${played.sql}`,
    );
    throw new Error(`the plan has ${plan.length} of ${logged.length} transactions\n${lines.join('\n')}`);
  }
  return matched.map(({ played, planned }) => ({
    played: silentCascades ? withoutCascades(played) : played,
    planned: planned[0]!,
  }));
}

/** A statement names the tables that it writes itself; triggers write `audit`. */
function withoutCascades(played: Played): Played {
  const own = (sql: string, row: string): boolean =>
    tableOf(row) === 'audit' || sql.includes(`.${tableOf(row)} `);
  const steps = played.steps.map((step, i) => {
    return played.kind === 'ddl' ? step : new Map([...step].filter(([row]) => own(played.by[i]!, row)));
  });
  return { ...played, steps };
}

/**
 * Leaves `trial` as a replay would leave the restored primary. Answers what is wrong; `count` is told of each state and of each
 * caution.
 */
export async function judgePlan(
  matched: readonly Matched[],
  trial: Trial,
  circumstances: Circumstances,
  count: (what: string) => void,
): Promise<string[]> {
  const wrong: string[] = [];
  const restored = trial.rows;
  const altered = new Set<string>();
  let unforeseen = false;
  for (const one of matched) {
    const { played, planned } = one;
    count(`transactions ${planned.state}`);
    const say = (what: string): void =>
      void wrong.push(`${planned.id} (${planned.state}): ${what}\n  ${played.sql.join('\n  ')}`);
    if (played.kind === 'ddl') {
      if (planned.state !== 'unsupported') say('DDL');
      altered.add(played.table!);
      continue;
    }
    const touched = new Set([
      ...played.steps.flatMap((step) => [...step.keys()].map(tableOf)),
      ...planned.changes.map(({ name }) => name.slice(name.indexOf('.') + 1)),
    ]);
    const afterDdl = [...touched].some((name) => altered.has(name));
    const why = await trial.fits(played.steps, planned.state === 'missing');
    if (planned.state === 'missing') {
      if (why !== null && (unforeseen || UNFORESEEN.test(why))) {
        // Those keys are not always looked up beforehand: the replay refuses the transaction, and what needs it.
        unforeseen = true;
        count('missing, and a key that is left to the replay is taken');
      } else if (why !== null) say(`it does not fit: ${why}`);
      else if (afterDdl) say('its table was altered before it');
      continue;
    }
    if (planned.state === 'present') {
      const absent = notThere(one, matched, restored, circumstances.tables);
      if (absent.length === 0) continue;
      // The failed primary took these rows away again itself, in a transaction that a person is to decide; what the restored one
      // wrote beside them looks like what came of that one.
      const overtaken =
        notThere(one, matched, restored, circumstances.tables, true).length === 0 &&
        (why !== null || wroteIn(circumstances.restored, touched));
      if (overtaken) count('present, and overtaken by a conflict');
      else say(`it is not there${why === null ? ', and fits' : ''}: ${absent.join(' ; ')}`);
      continue;
    }
    if (why !== null) continue;
    const cause = causeForCaution(one, matched, afterDdl, touched, circumstances);
    if (cause === null) say(`it fits, and is held back without a cause: ${reasons(planned)}`);
    else count(`held back with care: ${cause}`);
  }
  return wrong;
}

function wroteIn(history: readonly Played[], tables: ReadonlySet<string>): boolean {
  return history.some(({ steps }) =>
    steps.some((step) => [...step.keys()].some((row) => tables.has(tableOf(row)))),
  );
}

function reasons({ conflicts, heldBy, unsupported }: Planned): string {
  return JSON.stringify(
    conflicts?.map(({ kind, table, why }) => ({ kind, table, why })) ?? heldBy ?? unsupported,
  );
}

/** Unique keys over expressions and over the beginning of a column, by the schema’s names for them. */
export const UNFORESEEN = /Duplicate entry .* for key '(\w+\.)?(counted|beginning)'/;

/** A parent is deleted and written again, or its key is given to another one. */
const GONE_FOR_A_MOMENT = /^REPLACE|^UPDATE .* SET id/;

/** Rows without a key are told apart by nothing but what they hold. */
const ALIKE = new Set(['partly-present', 'likely-retry']);

/** What a row looks like that a cascade has changed or deleted without a trace in the log. */
const OF_CASCADES = new Set([
  'children-exist',
  'parent-missing',
  'changed-on-restored',
  'deleted-on-restored',
]);

/** Why a transaction that fits need not be replayed; null where it should be. */
function causeForCaution(
  { planned, played }: Matched,
  matched: readonly Matched[],
  afterDdl: boolean,
  touched: ReadonlySet<string>,
  { tables, restored, partialImages, silentCascades }: Circumstances,
): string | null {
  switch (planned.state) {
    case 'unsupported':
      if (afterDdl) return 'its table was altered';
      return partialImages ? 'images in part' : null;
    case 'held': {
      const holder = matched.find((one) => one.planned.id === planned.heldBy?.transaction);
      if (!holder || holder.planned.state === 'missing') return null;
      return `held: ${planned.heldBy!.because}`;
    }
    default: {
      const kinds = [...new Set(planned.conflicts?.map(({ kind }) => kind))];
      if (kinds.every((kind) => kind === 'likely-retry') && wroteIn(restored, touched)) return 'likely-retry';
      if (
        kinds.every((kind) => kind === 'children-exist') &&
        played.sql.some((sql) => GONE_FOR_A_MOMENT.test(sql))
      )
        return 'a parent that is gone for a moment';
      const keyless = tables.some(({ name, key }) => key.length === 0 && touched.has(name));
      if (kinds.every((kind) => ALIKE.has(kind)) && keyless && wroteIn(restored, touched))
        return 'rows without a key that the restored primary wrote, too';
      const spreads = tables.some(({ name, references }) =>
        references.some(
          ({ table, action }) => (touched.has(table) || touched.has(name)) && action !== 'RESTRICT',
        ),
      );
      if (silentCascades && spreads && kinds.every((kind) => OF_CASCADES.has(kind))) return 'silent cascade';
      if (kinds.includes('changed-on-restored') && partialImages) return 'images in part';
      return null;
    }
  }
}

/** Rows of a transaction said to be present that the restored primary neither holds nor has beyond, in the window’s history. */
function notThere(
  one: Matched,
  matched: readonly Matched[],
  restored: Rows,
  tables: readonly Table[],
  overtaken = false,
): string[] {
  const later = matched
    .slice(matched.indexOf(one) + 1)
    .filter(({ planned: { state } }) => state === 'present' || (overtaken && state !== 'missing'));
  const net = one.played.steps.reduce((all, step) => sum(all, step), new Map());
  const undoneLater = (row: string, n: number): boolean =>
    later.some(({ played }) => played.steps.some((step) => (step.get(row) ?? 0) * n < 0));
  return [...net]
    .filter(([row, n]) => {
      if (tables.find(({ name }) => name === tableOf(row))!.key.length === 0) return false;
      const there = (restored.get(row) ?? 0) > 0;
      return there !== n > 0 && !undoneLater(row, n);
    })
    .map(([row, n]) => `${n > 0 ? 'lacks' : 'still has'} ${row}`);
}
