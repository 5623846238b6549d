// One transaction in conflict, under a policy: each row that does not fit is decided by its rule, and what comes of it is
// judged again as if it had been logged that way. It resolves whole or stays the conflict it was. Pure.

import { rekeyColumn } from '../policy/check-policy.ts';
import { columnRules, type Placed, type RowRule, rowRule } from '../policy/policy.ts';
import type { Decision, Finding } from './decision.ts';
import { editRow, whyNot } from './edit-row.ts';
import type { Held, Slot, TransactionFootprint } from './footprint.ts';
import type { NewKey } from './key-translation.ts';
import { WHOLE_ROW } from './occurrences.ts';
import type { ResolvedTransaction, RowResolution, Write } from './resolution.ts';
import type { ConflictedTransaction, Outcome, ResolveTools } from './resolve-tools.ts';
import { RowEdits } from './row-edits.ts';
import type { RowGroup } from './row-groups.ts';

type Values = (string | null)[];

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
  readonly #edits: RowEdits;
  readonly #rekeyed: ResolvedTransaction['rekeyed'] = [];
  /** By the row's first change. */
  readonly #resolutions = new Map<number, RowResolution>();
  /** By the row's first change: what the restored primary has in its place. */
  readonly #restored = new Map<number, Held | null>();
  /** Rows, by their first change, that do not fit by themselves. */
  readonly #unfit = new Set<number>();

  constructor(first: ConflictedTransaction, tools: ResolveTools, keys: NewKey[]) {
    this.#first = first;
    this.#tools = tools;
    this.#keys = keys;
    this.#edits = new RowEdits(first.footprint, first.rows);
    for (const finding of [...first.parts, ...first.findings]) {
      const group = this.#edits.groupOf(finding.change);
      const change = group.changes[0]!;
      // Of a row that changed its key, what stands under the key that it came from.
      if (isOfRow(finding, group) && (finding.slot === group.slots[0] || !this.#restored.has(change)))
        this.#restored.set(change, finding.restored);
      if (finding.kind !== 'partly-present') this.#unfit.add(change);
    }
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
    for (let round = 0; round < 2 * this.#edits.groups.length + 3; round++) {
      const keysBefore = this.#keys.length;
      for (const finding of findings) {
        const why = this.#decide(finding);
        if (why !== undefined) return this.#refused(finding, why);
      }
      if (this.#keys.length > keysBefore) this.#edits.translate(this.#tools.translate, this.#tools.print);
      const leftOut = this.#edits.leftOut(present);
      const writes = this.#edits.writes();
      const unwritable = this.#unwritable(writes, findings);
      if (unwritable) return this.#refused(unwritable.finding, unwritable.why);
      const footprint = this.#edits.print(writes, this.#tools.print);
      const decision = this.#tools.judge(footprint, leftOut.slots);
      if (decision.kind !== 'conflict') return this.#resolved(decision, footprint, writes, leftOut);
      findings = decision.findings.map((one) => ({ ...one, change: writes[one.change]!.source }));
    }
    return this.#refused(findings[0]!, 'the rules of its rows contradict each other');
  }

  #resolved(
    decision: Decision,
    footprint: TransactionFootprint,
    writes: Write[],
    { slots, changes }: { slots: Slot[]; changes: number[] },
  ): Outcome {
    const rows = [...this.#resolutions.values()].sort((a, b) => a.change - b.change);
    const written = decision.kind === 'missing' ? writes : [];
    const resolved = { writes: written, rows, leftOut: changes, rekeyed: this.#rekeyed };
    const ruled = new Set(
      this.#edits.groups.flatMap((group) => (this.#resolutions.has(group.changes[0]!) ? group.changes : [])),
    );
    return { kind: 'resolved', decision, footprint, resolved, leftOut: slots, ruled };
  }

  /** What is there stays; what is not is written or left out, as its rule says of half a transaction. Null: all decided. */
  #settleParts(parts: readonly Finding[]): string | null {
    for (const finding of parts) {
      const group = this.#edits.groupOf(finding.change);
      const rule = this.#ruleOf(finding);
      const said = (why: string): string => `${rule.place}, ${rule.rule}: ${why}`;
      if (rule.rule === 'hold') return said('some of its rows are there already (partly-present)');
      const there = group.slots.every((slot) => this.#first.present.has(slot));
      const keep = there || rule.rule === 'keep-restored';
      const half = !there && group.slots.some((slot) => this.#first.present.has(slot));
      const keyless = this.#edits.table(group).primaryKey.name === WHOLE_ROW;
      if (keyless && !there && (keep || half)) return said('the table has no key to tell its rows by');
      // What later transactions left of it is taken for present, and to write it now would bring it back.
      if (half && !keep) return said('the transaction gave a row another key, and half of that is there');
      // A row that has a conflict of its own is decided by that one's rule.
      if (!there && this.#unfit.has(group.changes[0]!)) continue;
      if (keep) this.#edits.set(group, 'leave-out');
      this.#note(finding, group, rule, keep ? 'restored' : 'logged');
    }
    return null;
  }

  /** Rules would decide its rows one by one, and yet it is held as a whole. */
  #partsHeld(undecided: string): Outcome {
    const findings = this.#first.findings.map((one) =>
      this.#ruleOf(one).rule === 'hold' ? one : { ...one, undecided },
    );
    return { kind: 'refused', findings };
  }

  /** Why it can't be decided; null: its rule is to hold it; undefined: decided. */
  #decide(finding: Finding): string | null | undefined {
    const group = this.#edits.groupOf(finding.change);
    const rule = this.#ruleOf(finding);
    if (this.#edits.of(group) === 'leave-out') return 'leaving its row out does not make it fit';
    if (rule.rule === 'rekey') return this.#rekey(finding, group, rule);
    const rows = this.#edits.rows(group);
    const held = isOfRow(finding, group) ? finding.restored : null;
    const restored = held === null ? null : this.#tools.values(held);
    const moves = group.slots.length > 1;
    const edit = editRow({ kind: finding.kind, rows, restored, moves }, rule, this.#columnRules(group));
    switch (edit.kind) {
      case 'refuse':
        return edit.why;
      case 'leave-out':
        this.#edits.set(group, 'leave-out');
        this.#note(finding, group, rule, 'restored');
        return undefined;
      case 'as-logged':
        this.#edits.accept(finding.change);
        this.#note(finding, group, rule, 'logged');
        return undefined;
      case 'write':
        if (this.#edits.of(group)) return 'it does not fit after that, either';
        this.#edits.set(group, edit.steps);
        this.#note(finding, group, rule, edit.steps.at(-1)!.after);
        return undefined;
    }
  }

  #rekey(finding: Finding, group: RowGroup, rule: Placed<RowRule>): string | undefined {
    const change = group.changes[0]!;
    if (this.#rekeyed.some((one) => one.change === change)) return 'its new key is taken, too';
    const rows = this.#edits.rows(group);
    const { table, before, after: first } = rows[0]!;
    const last = rows.at(-1)!.after;
    if (before === null && last === null && group.slots.length === 1) {
      // It came and went: it needs no key at all.
      this.#edits.set(group, 'leave-out');
      this.#note(finding, group, rule, 'restored');
      return undefined;
    }
    const column = rekeyColumn(table.definition);
    const from = first?.[table.primaryKey.columns[0]!];
    if (!column || from === null || from === undefined || last === null || group.slots.length > 1)
      return 'the row has no key that can be given anew';
    // The application may have sent it again and changed it since: a second one would be one too many.
    if (this.#edits.filled(group).some((slot) => this.#tools.isReferredTo(slot)))
      return 'rows that refer to it are on the restored primary already: it may be this very row, changed since';
    const to = this.#tools.newKey(table);
    if (to === null) return `no ${column.name} is left for a new row`;
    const key: NewKey = { table, from, to };
    const why = this.#tools.giveKey(key);
    if (why !== null) return why;
    this.#keys.push(key);
    this.#rekeyed.push({ change, key: to });
    this.#note(finding, group, rule, this.#tools.translate({ table, before: null, after: last }).after);
    return undefined;
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

  #note(
    { kind }: Finding,
    group: RowGroup,
    rule: RowResolution['rule'],
    result: Values | null | 'restored' | 'logged',
  ): void {
    const [first, last] = [group.changes[0]!, group.changes.at(-1)!];
    const [before, after] = [this.#first.logged[first]!.before, this.#first.logged[last]!.after];
    const held = this.#restored.get(first);
    // A row that fits by itself: the restored primary has it as the transaction found it.
    const found = held === undefined ? this.#first.rows[first]!.before : held;
    const restored = typeof found === 'number' ? this.#tools.values(found) : found;
    const columns = this.#columnRules(group);
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

  #ruleOf({ kind, change }: Finding): ReturnType<typeof rowRule> {
    const table = this.#edits.table(this.#edits.groupOf(change));
    return rowRule(this.#tools.policy, this.#first.footprint.id, table.name, kind);
  }

  #columnRules(group: RowGroup): ReturnType<typeof columnRules> {
    return columnRules(this.#tools.policy, this.#first.footprint.id, this.#edits.table(group).name);
  }

  #refused(finding: Finding, undecided: string | null): Outcome {
    const { findings } = this.#first;
    const rule = this.#ruleOf(finding);
    const why = undecided ?? (rule.unable && whyNot(finding.kind));
    const said = why ? { undecided: `${rule.place}, ${rule.unable ?? rule.rule}: ${why}` } : {};
    const { kind, change, slot } = finding;
    const known = findings.findIndex(
      (one) => one.kind === kind && one.change === change && one.slot === slot,
    );
    return {
      kind: 'refused',
      findings:
        known < 0
          ? [...findings, { ...finding, ...said }]
          : findings.with(known, { ...findings[known]!, ...said }),
    };
  }
}

/** Whether `restored` of the finding is the row's own content. */
function isOfRow({ kind, slot }: Finding, { slots }: RowGroup): boolean {
  return kind !== 'parent-missing' && slot !== null && slots.includes(slot);
}
