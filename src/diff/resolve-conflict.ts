// One transaction in conflict, under a policy: each row that does not fit is decided by its rule, and what comes of it is
// judged again as if it had been logged that way. It resolves whole or stays the conflict it was. Pure.

import { rekeyColumn } from '../policy/check-policy.ts';
import { columnRules, type Policy, rowRule } from '../policy/policy.ts';
import type { Decision, Finding } from './decide.ts';
import { editRow, type Step, sameRow, whyNot } from './edit-row.ts';
import type { ChangeFootprint, Slot, TransactionFootprint } from './footprint.ts';
import type { NewKey } from './key-translation.ts';
import { bounds } from './merge-columns.ts';
import type { ResolvedTransaction, RowResolution, Write } from './resolution.ts';
import { type RowGroup, rowGroups } from './row-groups.ts';
import type { RowChange } from './window-rows.ts';

type Rows = readonly (RowChange | null)[];
type Values = (string | null)[];

export interface ConflictedTransaction {
  /** As far as earlier transactions gave rows other keys, it is in those terms already. */
  footprint: TransactionFootprint;
  rows: Rows;
  /** As the failed primary logged them. */
  logged: Rows;
  findings: readonly Finding[];
  /** Row slots that the restored primary has as the transaction left them. */
  present: ReadonlySet<Slot>;
  /** Every row of it that is there or missing, as findings of kind `partly-present`. */
  parts: readonly Finding[];
}

export interface ResolveTools {
  policy: Policy;
  /** The content of a row slot as values. */
  values: (held: NonNullable<Finding['restored']>) => Values;
  print: (row: RowChange) => ChangeFootprint;
  /** Why a row that was not logged like that can't be put into the log's bytes; null: it can. */
  cantWrite: (write: Write) => string | null;
  /** Judges a footprint in the picture; `leftOut`: slots whose rows it leaves out. */
  judge: (footprint: TransactionFootprint, leftOut: readonly Slot[]) => Decision;
  /** A key for a new row; null where the table has none left or none is known. */
  newKey: (row: RowChange) => string | null;
  /** False where the key can't be given: see KeyTranslation. */
  giveKey: (key: NewKey) => boolean;
  takeKey: (key: NewKey) => void;
  translate: (row: RowChange) => RowChange;
}

export type Outcome =
  | {
      kind: 'resolved';
      decision: Decision;
      footprint: TransactionFootprint;
      resolved: ResolvedTransaction;
      leftOut: Slot[];
      /** Changes that a rule speaks of. */
      ruled: Set<number>;
    }
  | { kind: 'refused'; findings: Finding[] };

export function resolveConflict(conflicted: ConflictedTransaction, tools: ResolveTools): Outcome {
  const keys: NewKey[] = [];
  const outcome = new Attempt(conflicted, tools, keys).run();
  if (outcome.kind === 'refused') for (const key of keys) tools.takeKey(key);
  return outcome;
}

class Attempt {
  readonly #first: ConflictedTransaction;
  readonly #tools: ResolveTools;
  readonly #keys: NewKey[];
  #rows: Rows;
  /** Inserts that were decided to be no retries. */
  readonly #accepted = new Set<number>();
  #footprint: TransactionFootprint;
  #groups: RowGroup[];
  #edits = new Map<RowGroup, Step[] | 'leave-out'>();
  readonly #rekeyed: ResolvedTransaction['rekeyed'] = [];
  /** By the row's first change. */
  readonly #resolutions = new Map<number, RowResolution>();

  constructor(first: ConflictedTransaction, tools: ResolveTools, keys: NewKey[]) {
    this.#first = first;
    this.#tools = tools;
    this.#keys = keys;
    this.#rows = first.rows;
    this.#footprint = first.footprint;
    this.#groups = rowGroups(first.footprint);
  }

  run(): Outcome {
    const { present, parts, findings: first } = this.#first;
    let findings: readonly Finding[] = first;
    if (present.size > 0) {
      const held = this.#settleParts(parts);
      if (held !== null) return this.#partsHeld(held);
      findings = first.filter(({ kind }) => kind !== 'partly-present');
    }
    // Each round decides at least one row that no earlier round decided, or leaves one out.
    for (let round = 0; round < 2 * this.#groups.length + 3; round++) {
      const keysBefore = this.#keys.length;
      for (const finding of findings) {
        const why = this.#decide(finding);
        if (why !== undefined) return this.#refused(finding, why);
      }
      if (this.#keys.length > keysBefore) this.#translateAll();
      const leftOut = this.#leftOut();
      const writes = this.#writes();
      const unwritable = this.#unwritable(writes, findings);
      if (unwritable) return this.#refused(unwritable.finding, unwritable.why);
      const footprint = this.#printed(writes);
      const decision = this.#tools.judge(footprint, leftOut.slots);
      if (decision.kind !== 'conflict') {
        const rows = [...this.#resolutions.values()].sort((a, b) => a.change - b.change);
        const written = decision.kind === 'missing' ? writes : [];
        const resolved = { writes: written, rows, leftOut: leftOut.changes, rekeyed: this.#rekeyed };
        const ruled = new Set(
          this.#groups.flatMap(({ changes }) => (this.#resolutions.has(changes[0]!) ? changes : [])),
        );
        return { kind: 'resolved', decision, footprint, resolved, leftOut: leftOut.slots, ruled };
      }
      findings = decision.findings.map((one) => ({ ...one, change: writes[one.change]!.source }));
    }
    return this.#refused(findings[0]!, 'the rules of its rows contradict each other');
  }

  /**
   * What is there stays; what is not is written or left out, as its rule says of half a transaction. Returns the place of
   * the rule that holds it, else null.
   */
  #settleParts(parts: readonly Finding[]): string | null {
    const { policy } = this.#tools;
    for (const finding of parts) {
      const group = this.#groupOf(finding.change);
      const rule = rowRule(policy, this.#footprint.id, this.#table(group), 'partly-present');
      if (rule.rule === 'hold') return rule.place;
      const there = group.slots.every((slot) => this.#first.present.has(slot));
      // A row that has a conflict of its own is decided by that one's rule.
      if (!there && this.#hasOwnConflict(group)) continue;
      const keep = there || rule.rule === 'keep-restored';
      if (keep) this.#edits.set(group, 'leave-out');
      this.#note(finding, group, rule, keep ? 'restored' : 'logged');
    }
    return null;
  }

  #hasOwnConflict(group: RowGroup): boolean {
    return this.#first.findings.some(
      ({ kind, change }) => kind !== 'partly-present' && this.#groupOf(change) === group,
    );
  }

  /** Rules would decide its rows one by one; that some are there already is held. */
  #partsHeld(place: string): Outcome {
    const undecided = `${place}, hold: some of its rows are there already (partly-present)`;
    const findings = this.#first.findings.map((one) => {
      const { rule } = rowRule(
        this.#tools.policy,
        this.#footprint.id,
        this.#rows[one.change]!.table.name,
        one.kind,
      );
      return rule === 'hold' ? one : { ...one, undecided };
    });
    return { kind: 'refused', findings };
  }

  /** Why it can't be decided; null: its rule is to hold it; undefined: decided. */
  #decide(finding: Finding): string | null | undefined {
    const { policy, values } = this.#tools;
    const { id } = this.#footprint;
    const group = this.#groupOf(finding.change);
    const table = this.#table(group);
    const rule = rowRule(policy, id, table, finding.kind);
    if (this.#edits.get(group) === 'leave-out') return 'leaving its row out does not make it fit';
    if (rule.rule === 'rekey') return this.#rekey(finding, group);
    const columns = columnRules(policy, id, table);
    const rows = group.changes.map((change) => this.#rows[change]!);
    const isRow =
      finding.slot !== null && group.slots.includes(finding.slot) && finding.kind !== 'parent-missing';
    const restored = isRow && finding.restored !== null ? values(finding.restored) : null;
    const edit = editRow(
      { kind: finding.kind, rows, restored, moves: group.slots.length > 1 },
      rule,
      columns,
    );
    if (edit.kind === 'refuse') return edit.why;
    if (edit.kind === 'leave-out') {
      this.#edits.set(group, 'leave-out');
      this.#note(finding, group, rule, 'restored');
      return undefined;
    }
    if (edit.kind === 'as-logged') {
      this.#accepted.add(finding.change);
      this.#note(finding, group, rule, 'logged');
      return undefined;
    }
    if (this.#edits.has(group)) return 'it does not fit after that, either';
    this.#edits.set(group, edit.steps);
    this.#note(finding, group, rule, edit.steps.at(-1)!.after);
    return undefined;
  }

  #rekey(finding: Finding, group: RowGroup): string | undefined {
    if (this.#rekeyed.some(({ change }) => change === group.changes[0])) return 'its new key is taken, too';
    const rule = rowRule(this.#tools.policy, this.#footprint.id, this.#table(group), finding.kind);
    const row = this.#rows[group.changes[0]!]!;
    if (this.#rows[group.changes.at(-1)!]!.after === null) {
      // It came and went: it needs no key at all.
      this.#edits.set(group, 'leave-out');
      this.#note(finding, group, rule, 'restored');
      return undefined;
    }
    const { table } = row;
    const column = rekeyColumn(table.definition);
    const from = row.after?.[table.primaryKey.columns[0]!];
    if (!column || from === null || from === undefined || group.slots.length > 1)
      return 'the row has no key that can be given anew';
    const to = this.#tools.newKey(row);
    if (to === null || BigInt(to) > bounds(column).most) return `no ${column.name} is left for a new row`;
    const key: NewKey = { table, from, to };
    if (!this.#tools.giveKey(key)) return 'a column that refers to it would mean two rows at once';
    this.#keys.push(key);
    this.#rekeyed.push({ change: group.changes[0]!, key: to });
    const last = this.#rows[group.changes.at(-1)!]!;
    const result = last.after && this.#tools.translate({ table, before: null, after: last.after }).after;
    this.#note(finding, group, rule, result);
    return undefined;
  }

  /** Rows that refer to what was given another key follow it; what is left out stays so, the rest is decided anew. */
  #translateAll(): void {
    const leftOut = new Set(
      [...this.#edits].flatMap(([{ changes }, edit]) => (edit === 'leave-out' ? changes : [])),
    );
    this.#rows = this.#rows.map((row) => row && this.#tools.translate(row));
    const { footprint } = this.#first;
    this.#footprint = {
      ...footprint,
      changes: this.#rows.map((row, i) => (row ? this.#tools.print(row) : footprint.changes[i]!)),
    };
    this.#groups = rowGroups(this.#footprint);
    this.#edits = new Map(
      this.#groups
        .filter(({ changes }) => changes.some((change) => leftOut.has(change)))
        .map((group) => [group, 'leave-out']),
    );
  }

  #writes(): Write[] {
    const writes: Write[] = [];
    for (const group of this.#groups) {
      const edit = this.#edits.get(group);
      if (edit === 'leave-out') continue;
      group.changes.forEach((source, i) => {
        const row = this.#rows[source]!;
        const step = edit?.[i];
        if (!step) writes.push({ source, row });
        else if (!sameRow(step.before, step.after))
          writes.push({ source, row: { table: row.table, ...step } });
      });
    }
    return writes.sort((a, b) => a.source - b.source);
  }

  #unwritable(
    writes: readonly Write[],
    findings: readonly Finding[],
  ): { finding: Finding; why: string } | null {
    for (const write of writes) {
      const why = write.row === this.#first.logged[write.source] ? null : this.#tools.cantWrite(write);
      if (why === null) continue;
      return { finding: findings.find(({ change }) => change === write.source) ?? findings[0]!, why };
    }
    return null;
  }

  #printed(writes: readonly Write[]): TransactionFootprint {
    const { id, retries = [] } = this.#footprint;
    const left = retries.flatMap((mark) => {
      const change = this.#accepted.has(mark.change)
        ? -1
        : writes.findIndex(({ source }) => source === mark.change);
      return change < 0 ? [] : [{ ...mark, change }];
    });
    const changes = writes.map(({ row }) => this.#tools.print(row));
    return { id, unsupported: [], differs: [], applied: false, changes, retries: left };
  }

  /** What would have been filled and is not; what is there already was not left out. */
  #leftOut(): { slots: Slot[]; changes: number[] } {
    const slots: Slot[] = [];
    const changes: number[] = [];
    for (const [group, edit] of this.#edits) {
      if (edit !== 'leave-out' || group.slots.every((slot) => this.#first.present.has(slot))) continue;
      for (const change of group.changes) {
        const filled = filledSlots(this.#footprint.changes[change]!);
        if (filled.length === 0) continue;
        slots.push(...filled);
        changes.push(change);
      }
    }
    return { slots, changes };
  }

  #note(
    { kind }: Finding,
    group: RowGroup,
    rule: RowResolution['rule'],
    result: Values | null | 'restored' | 'logged',
  ): void {
    const [first, last] = [group.changes[0]!, group.changes.at(-1)!];
    const [before, after] = [this.#first.logged[first]!.before, this.#first.logged[last]!.after];
    const restored = this.#restored(group);
    const columns = columnRules(this.#tools.policy, this.#footprint.id, this.#table(group));
    // Where the row's own rule is to hold it, a column's rule is what decided.
    const byColumn = [...columns.values()].find((one) => one.rule !== 'hold');
    this.#resolutions.set(first, {
      kind,
      change: first,
      rule: rule.rule === 'hold' && byColumn ? byColumn : rule,
      columns: kind === 'changed-on-restored' ? columns : new Map(),
      before,
      after,
      restored,
      result: result === 'restored' ? restored : result === 'logged' ? after : result,
    });
  }

  #restored(group: RowGroup): Values | null {
    const own = [...this.#first.findings, ...this.#first.parts].find(
      ({ slot, change, kind }) =>
        slot !== null &&
        kind !== 'parent-missing' &&
        group.changes.includes(change) &&
        group.slots.includes(slot),
    );
    if (own) return own.restored === null ? null : this.#tools.values(own.restored);
    // The row itself fits: the restored primary has it as the transaction found it.
    return this.#first.rows[group.changes[0]!]!.before;
  }

  #groupOf(change: number): RowGroup {
    return this.#groups.find(({ changes }) => changes.includes(change))!;
  }

  #table(group: RowGroup): string {
    return this.#rows[group.changes[0]!]!.table.name;
  }

  #refused(finding: Finding, undecided: string | null): Outcome {
    const { findings } = this.#first;
    const rule = rowRule(
      this.#tools.policy,
      this.#footprint.id,
      this.#rows[finding.change]?.table.name ?? '',
      finding.kind,
    );
    const why = undecided ?? (rule.unable && whyNot(finding.kind));
    const said = why ? { undecided: `${rule.place}, ${rule.unable ?? rule.rule}: ${why}` } : {};
    const known = findings.find(
      ({ kind, change, slot }) => kind === finding.kind && change === finding.change && slot === finding.slot,
    );
    if (known)
      return {
        kind: 'refused',
        findings: findings.map((one) => (one === known ? { ...one, ...said } : one)),
      };
    return { kind: 'refused', findings: [...findings, { ...finding, ...said }] };
  }
}

/** Slots that a change fills: its row's under a new key, its unique values'. */
export function filledSlots({ rows, unique }: ChangeFootprint): Slot[] {
  return [...rows, ...unique].flatMap(({ slot, from, to }) => (from === null && to !== null ? [slot] : []));
}
