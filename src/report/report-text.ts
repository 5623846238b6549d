// The plan for a person at a terminal: what was looked at, what is missing, what has to be decided, what to type next.
// Never decides and never prints: it returns lines.
import chalk, { Chalk, type ChalkInstance } from 'chalk';
import type { DisplayedRow, PlanAccount, PlanConflict, PlanHeader, TransactionState } from '../plan/plan.ts';
import { TRANSACTION_STATES } from '../plan/plan.ts';
import { escapeText, valueText } from './escape-text.ts';
import type { ReportData } from './report-data.ts';
import { policyLines, resolutionLines } from './resolution-lines.ts';

export interface TextOptions {
  color: boolean;
  /** At most so many conflicts, held and unsupported transactions are shown each; the rest is counted. */
  most: number;
}

const MEANING: Record<TransactionState, string> = {
  missing: 'only the failed primary has them; they can be replayed',
  present: 'the restored primary has them already',
  conflict: 'the restored primary went another way: a person decides',
  held: 'they build on a conflict or on something unsupported',
  unsupported: 'they can’t be read or replayed as rows',
};

export function renderText(
  { plan, header, conflicts, held, unsupported, resolutions }: ReportData,
  options: TextOptions,
): string {
  const paint = options.color ? chalk : new Chalk({ level: 0 });
  const lines = [
    ...windowLines(header, paint),
    '',
    ...stateLines(header, paint),
    ...tableLines(header, paint),
    ...policyLines(header, paint),
    ...section('Resolved by the policy', resolutions, options.most, paint, (one, i) =>
      resolutionLines(one, i, paint),
    ),
    ...section('Conflicts', conflicts, options.most, paint, (one, i) => conflictLines(one, i, paint)),
    ...section('Held', held, options.most, paint, ({ transaction, by, because }) => [
      because === 'decision'
        ? `  ${transaction} is held by a decision of the policy`
        : because === 'unclear'
          ? `  ${transaction} waits for ${by}: its row came and went, and only that one could tell whether it has been there`
          : `  ${transaction} waits for ${by} (${because.replaceAll('-', ' ')})`,
    ]),
    ...section('Unsupported', unsupported, options.most, paint, ({ transaction, reasons }) => [
      `  ${transaction}`,
      ...reasons.map((reason) => `    ${escapeText(reason)}`),
    ]),
    ...(header.warnings.length > 0
      ? ['', paint.bold('Warnings'), ...header.warnings.map((w) => `  ${escapeText(w)}`)]
      : []),
    '',
    ...accountLines(header.account),
    '',
    ...conclusion(header, plan, paint),
  ];
  return `${lines.join('\n')}\n`;
}

function windowLines({ failed, restored, window, cluster }: PlanHeader, paint: ChalkInstance): string[] {
  const names = cluster ? ` of cluster ${escapeText(cluster)}` : '';
  return [
    paint.bold(`What only the failed primary has${names}`),
    `  failed primary    ${serverText(failed)}`,
    `  restored primary  ${serverText(restored)}`,
    `  window            ${window.start.file}:${window.start.position} to ${window.end.file}:${window.end.position}`,
    `                    ${count(window.transactions, 'transaction')}, ${count(window.changes, 'change')}, ${sizeText(window.bytes)}${timesText(window)}`,
  ];
}

function serverText({ flavor, version, uuid, serverId }: PlanHeader['failed']): string {
  const name = flavor === 'mysql' ? 'MySQL' : 'MariaDB';
  return `${name} ${escapeText(version)}, ${uuid ?? `server id ${serverId}`}`;
}

function timesText({ firstCommit, lastCommit, seconds }: PlanHeader['window']): string {
  if (!firstCommit || !lastCommit) return '';
  return `, ${firstCommit.slice(0, 23).replace('T', ' ')} to ${lastCommit.slice(11, 23)} UTC (${seconds} s)`;
}

function stateLines(header: PlanHeader, paint: ChalkInstance): string[] {
  const color: Record<TransactionState, ChalkInstance> = {
    missing: paint.yellow,
    present: paint.green,
    conflict: paint.red,
    held: paint.red,
    unsupported: paint.red,
  };
  return TRANSACTION_STATES.filter((state) => header.transactions[state] > 0 || state === 'missing').map(
    (state) => {
      const transactions = String(header.transactions[state]).padStart(7);
      const changes = String(header.changes[state]).padStart(8);
      return `  ${color[state](state.padEnd(11))} ${transactions} transactions ${changes} changes   ${MEANING[state]}`;
    },
  );
}

function tableLines({ tables }: PlanHeader, paint: ChalkInstance): string[] {
  if (tables.length === 0) return [];
  const width = Math.max(...tables.map(({ table }) => escapeText(table).length), 5);
  const row = (name: string, ...cells: (string | number)[]): string =>
    `  ${name.padEnd(width)} ${cells.map((cell) => String(cell).padStart(8)).join(' ')}`;
  return [
    '',
    paint.bold(row('table', 'insert', 'update', 'delete', 'conflict')),
    ...tables.map((one) => row(escapeText(one.table), one.insert, one.update, one.delete, one.conflict)),
  ];
}

function section<T>(
  title: string,
  list: readonly T[],
  most: number,
  paint: ChalkInstance,
  lines: (one: T, index: number) => string[],
): string[] {
  if (list.length === 0) return [];
  const more = list.length > most ? [`  … and ${list.length - most} more (--verbose shows all)`] : [];
  return ['', paint.bold(`${title} (${list.length})`), ...list.slice(0, most).flatMap(lines), ...more];
}

/** One conflict, in lines; `index` from 0. */
export function conflictLines(
  conflict: PlanConflict,
  index: number,
  paint: ChalkInstance = new Chalk({ level: 0 }),
): string[] {
  const {
    table,
    key,
    kind,
    transaction,
    before,
    after,
    restored,
    columns,
    why,
    children,
    changedBy,
    undecided,
    references = [],
  } = conflict;
  const name = key
    ? Object.entries(key)
        .map(([column, value]) => `${escapeText(column)}=${valueText(value)}`)
        .join(', ')
    : '';
  const all = Object.keys(after ?? before ?? {});
  const changed = before && after ? all.filter((one) => !sameValue(before[one], after[one])) : all;
  const shown = (columns.length > 0 && kind !== 'likely-retry' ? columns : changed).slice(0, 8);
  const width = Math.max(0, ...shown.map((column) => escapeText(column).length));
  const side = (row: typeof before, column: string): string =>
    row ? valueText(row[column], 32) : '(no row)';
  return [
    `  ${index + 1}. ${[escapeText(table), name].filter((part) => part !== '').join(' ')}  ${paint.red(kind)}  (transaction ${transaction})`,
    `     ${escapeText(why)}`,
    ...(undecided ? [`     not decided by ${escapeText(undecided)}`] : []),
    ...(before || after || restored
      ? shown.map(
          (column) =>
            `     ${escapeText(column).padEnd(width)}  before ${side(before, column)}  after ${side(after, column)}  restored ${side(restored, column)}`,
        )
      : []),
    ...(changedBy ?? []).map(
      ({ transaction: by, committed, statement }) =>
        `     ${statement ? 'perhaps ' : ''}changed on the restored primary by ${statement ? 'a statement of ' : ''}${by}${committed === null ? '' : ` at ${timeText(committed)}`}`,
    ),
    ...(children ?? []).map((child) => `     refers to it: ${escapeText(child)}`),
    ...references
      .slice(0, 5)
      .map(
        (one) =>
          `     refers to it in the window: ${rowName(one.table, one.key)} (transaction ${one.transaction})`,
      ),
    ...(references.length > 5 ? [`     … and ${references.length - 5} rows more (the plan has all)`] : []),
  ];
}

function rowName(table: string, key: DisplayedRow): string {
  const values = Object.entries(key).map(([column, value]) => `${escapeText(column)}=${valueText(value)}`);
  return `${escapeText(table)} ${values.join(', ')}`;
}

/** `2026-11-20 10:00:00.123 UTC`. */
function timeText(iso: string): string {
  return `${iso.slice(0, 23).replace('T', ' ')} UTC`;
}

function sameValue(one: unknown, other: unknown): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}

function accountLines(account: PlanAccount): string[] {
  const { files, bytes, events, transactions, rolledBack, undecoded, tornTail, closes } = account;
  const kinds = Object.entries(events)
    .sort(([, a], [, b]) => b - a)
    .map(([type, number]) => `${number} ${type}`)
    .join(', ');
  return [
    `Account: ${count(files.length, 'file')}, ${count(bytes, 'byte')}; every byte is accounted for: ${closes ? 'yes' : 'NO'}`,
    `  events: ${kinds}`,
    `  transactions in the log: ${transactions.own} of its own, ${transactions.replicated} replicated, ${transactions.skipped} skipped`,
    ...(rolledBack > 0
      ? [`  prepared by XA and rolled back: ${count(rolledBack, 'change')}, in no transaction`]
      : []),
    ...undecoded.map(
      ({ file, position, reason, detail }) =>
        `  not decoded: ${file}:${position} ${reason}: ${escapeText(detail).slice(0, 200)}`,
    ),
    ...(tornTail
      ? [
          `  torn tail: ${tornTail.file}:${tornTail.position}, ${tornTail.bytes} bytes, never committed (${escapeText(tornTail.reason)})`,
        ]
      : []),
  ];
}

function conclusion(header: PlanHeader, plan: string, paint: ChalkInstance): string[] {
  const { missing, conflict, held, unsupported } = header.transactions;
  const open = conflict + held + unsupported;
  const lines: string[] = [];
  if (!header.account.closes)
    lines.push(paint.red('The account does not close: some of the log was not read. Trust no count above.'));
  if (missing === 0 && open === 0) {
    const { stopped, leftOut } = header.window;
    if (!header.account.closes) lines.push('Nothing is missing in what was read.');
    else if (stopped || leftOut)
      lines.push('Nothing is missing in what was asked for. The rest of the log was left out.');
    else lines.push(paint.green('Converged: nothing is missing on the restored primary.'));
  }
  if (open > 0)
    lines.push(
      `${count(open, 'transaction')} need${open === 1 ? 's' : ''} a person: see above. ${open === 1 ? 'It is' : 'They are'} held back, whole.`,
    );
  if (missing > 0) {
    lines.push(
      `${count(missing, 'missing transaction')} can be replayed. Nothing was written. Next:`,
      `  reconcile replay ${plan}            judges every row again, writes nothing`,
      `  reconcile replay ${plan} --apply    writes them to the restored primary`,
    );
  }
  return lines;
}

function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? '' : 's'}`;
}

function sizeText(bytes: number): string {
  if (bytes < 10_000) return `${bytes} bytes`;
  return bytes < 10_000_000 ? `${Math.round(bytes / 1000)} kB` : `${Math.round(bytes / 1e6)} MB`;
}
