// Walks with the decision and says, transaction by transaction, what the policy makes of it: conflicts resolved, references
// to rows with new keys rewritten, what a person decided by id. Remembers across transactions what was left out and what
// was given another key. Pure: a second walk needs a new one.
import { rekeyColumn } from '../policy/check-policy.ts';
import type { Placed, Policy, RowRule } from '../policy/policy.ts';
import { partlyPresent } from './decide-one.ts';
import type { Decision } from './decision.ts';
import type { ChangeFootprint, Held, Slot, TransactionFootprint } from './footprint.ts';
import { KeyTranslation } from './key-translation.ts';
import { bounds } from './merge-columns.ts';
import type { Picture } from './picture.ts';
import type { Remembered, RowResolution, WindowList, Write } from './resolution.ts';
import { resolveConflict } from './resolve-conflict.ts';
import { filledSlots } from './row-edits.ts';
import { rowGroups } from './row-groups.ts';
import type { JudgedFootprint, Settled, TransactionResolver } from './transaction-resolver.ts';
import type { RowChange } from './window-rows.ts';
import type { WindowTable } from './window-table.ts';

export interface ResolverFacts {
  policy: Policy | null;
  window: WindowList;
  tables: Iterable<WindowTable>;
  print: (row: RowChange) => ChangeFootprint;
  /** A row slot's content as values. */
  values: (held: Held) => (string | null)[];
  /** By table: a number beyond every key that was given out there, on either side. */
  freeKeys: ReadonlyMap<string, bigint>;
  /** See ResolveTools. */
  cantWrite: (index: number, write: Write) => string | null;
  /** What an earlier replay made of the transaction. */
  remembered: (index: number) => Remembered | null;
  uncertain: ReadonlySet<string>;
}

/** A rule applied twice would count twice, or bring the row twice. */
const UNCERTAIN =
  'any rule: the restored primary has executed its GTID, and neither journal nor log tells whether its rows went in as a rule made them';

const EARLIER: Placed<RowRule> = { rule: 'rekey', place: 'an earlier replay' };

export class PolicyResolver implements TransactionResolver {
  /** Every footprint that was judged in place of a logged one: what they touch must have been looked up. */
  readonly judged: TransactionFootprint[] = [];
  readonly #facts: ResolverFacts;
  readonly #translation: KeyTranslation;
  readonly #given = new Map<string, bigint>();
  #referred: ReadonlySet<Slot> = new Set();
  #keyRule: RowResolution['rule'] = EARLIER;
  #held: { index: number; rows: readonly (RowChange | null)[] } | null = null;

  constructor(facts: ResolverFacts) {
    this.#facts = facts;
    this.#translation = new KeyTranslation(facts.tables);
  }

  begin(referred: ReadonlySet<Slot>): void {
    this.#referred = referred;
  }

  translate(index: number, footprint: TransactionFootprint): TransactionFootprint | null {
    if (this.#translation.isEmpty) return null;
    const rows = this.#logged(index);
    const now = this.#rows(index);
    if (now.every((row, i) => row === rows[i])) return null;
    const { transaction, unsupported, differs } = this.#facts.window.at(index)!;
    const own = footprint.changes;
    // Rows without a key are numbered as they come: none of them is ever translated, see KeyTranslation.
    const changes = now.map((row, i) => (row && row !== rows[i] ? this.#facts.print(row) : own[i]!));
    const translated = { id: transaction.id, unsupported, differs, applied: false, changes };
    this.judged.push(translated);
    return translated;
  }

  settle(
    judged: JudgedFootprint,
    picture: Picture,
    judge: (footprint: TransactionFootprint) => Decision,
  ): Settled {
    const { footprint, decision, index } = judged;
    const { policy } = this.#facts;
    if (decision.kind === 'unsupported' || footprint.differs.length > 0) return { decision, footprint };
    if (decision.kind === 'present') {
      this.#recall(index, footprint, picture);
      return { decision, footprint };
    }
    const decided = policy?.decisions.get(footprint.id);
    if (decided?.rule === 'keep-restored') return this.#leaveOut(judged, decided, picture);
    if (decided?.rule === 'hold' && decision.kind === 'missing') {
      return { decision: { kind: 'held', by: footprint.id, because: 'decision', slot: null }, footprint };
    }
    if (decision.kind === 'conflict' && policy && this.#facts.uncertain.has(footprint.id)) {
      const findings = decision.findings.map((one) => ({ ...one, undecided: UNCERTAIN }));
      return { decision: { kind: 'conflict', findings }, footprint };
    }
    if (decision.kind === 'conflict' && policy) return this.#resolve(judged, policy, picture, judge);
    if (decision.kind !== 'missing' || this.#translation.isEmpty) return { decision, footprint };
    const rows = this.#rows(index);
    const translated = rows.flatMap((row, source) =>
      row && row !== this.#logged(index)[source] ? [source] : [],
    );
    if (translated.length === 0) return { decision, footprint };
    const resolved = {
      writes: rows.flatMap((row, source) => (row ? [{ source, row }] : [])),
      rows: translated.map((source) => this.#follows(index, source, rows[source]!)),
      leftOut: [],
      rekeyed: [],
    };
    return { decision, footprint, resolved };
  }

  #resolve(
    { index, footprint, net, state, decision }: JudgedFootprint,
    policy: Policy,
    picture: Picture,
    judge: (footprint: TransactionFootprint) => Decision,
  ): Settled {
    if (decision.kind !== 'conflict') return { decision, footprint };
    const present = new Set(net.flatMap(({ slot }, i) => (state[i] === 'present' ? [slot] : [])));
    const rows = this.#rows(index);
    const outcome = resolveConflict(
      {
        footprint,
        rows,
        logged: this.#logged(index),
        findings: decision.findings,
        present,
        parts: present.size > 0 ? partlyPresent(footprint, net, picture) : [],
      },
      {
        policy,
        values: this.#facts.values,
        print: this.#facts.print,
        cantWrite: (write) => this.#facts.cantWrite(index, write),
        judge: (next, leftOut) => {
          this.judged.push(next);
          const fresh = leftOut.filter((slot) => !picture.blocked.isLeftOut(slot));
          picture.blocked.leaveOut(fresh);
          const found = judge(next);
          picture.blocked.forgetLeftOut(fresh);
          return found;
        },
        isReferredTo: (slot) => this.#referred.has(slot),
        newKey: (table) => this.#newKey(table),
        giveKey: (key) => this.#translation.add(key),
        takeKey: (key) => this.#translation.remove(key),
        translate: (row) => this.#translation.translate(row),
      },
    );
    if (outcome.kind === 'refused') {
      return { decision: { kind: 'conflict', findings: outcome.findings }, footprint };
    }
    if (outcome.decision.kind === 'held') return { decision: outcome.decision, footprint };
    const { resolved } = outcome;
    if (resolved.rekeyed.length > 0) {
      const rule = resolved.rows.find(({ rule: { rule } }) => rule === 'rekey')?.rule;
      if (rule) this.#keyRule = rule;
    }
    picture.blocked.leaveOut(outcome.leftOut);
    const logged = this.#logged(index);
    const follows = resolved.writes.flatMap(({ source, row }) =>
      outcome.ruled.has(source) || this.#translation.translate(logged[source]!) === logged[source]
        ? []
        : [this.#follows(index, source, row)],
    );
    resolved.rows.push(...follows);
    resolved.rows.sort((a, b) => a.change - b.change);
    return { decision: outcome.decision, footprint: outcome.footprint, resolved };
  }

  /** A person decided that nothing of it is written, whatever its rows say. */
  #leaveOut(
    { index, footprint }: JudgedFootprint,
    rule: Placed<'keep-restored'> | Placed<RowRule>,
    picture: Picture,
  ): Settled {
    const logged = this.#logged(index);
    const leftOut = footprint.changes.flatMap((change, i) => (filledSlots(change).length > 0 ? [i] : []));
    picture.blocked.leaveOut(footprint.changes.flatMap(filledSlots));
    const rows = rowGroups(footprint).map(({ slots, changes }): RowResolution => {
      const [first, last] = [changes[0]!, changes.at(-1)!];
      const held = picture.value(slots[0]!);
      const restored = held === null ? null : this.#facts.values(held);
      const [before, after] = [logged[first]!.before, logged[last]!.after];
      return {
        kind: null,
        change: first,
        rule,
        columns: new Map(),
        before,
        after,
        restored,
        result: restored,
      };
    });
    return { decision: { kind: 'present' }, footprint, resolved: { writes: [], rows, leftOut, rekeyed: [] } };
  }

  /** What an earlier replay left out or gave another key is still so. */
  #recall(index: number, footprint: TransactionFootprint, picture: Picture): void {
    const remembered = this.#facts.remembered(index);
    if (!remembered) return;
    picture.blocked.leaveOut(remembered.leftOut.flatMap((change) => filledSlots(footprint.changes[change]!)));
    for (const { change, key } of remembered.rekeyed) {
      const row = this.#rows(index)[change];
      const from = row?.after?.[row.table.primaryKey.columns[0]!];
      if (!row || from === null || from === undefined) continue;
      this.#translation.add({ table: row.table, from, to: key });
    }
  }

  /** A row that refers to one with a new key. */
  #follows(index: number, source: number, { before, after }: RowChange): RowResolution {
    const { before: was, after: logged } = this.#logged(index)[source]!;
    const rule = this.#keyRule;
    return {
      kind: null,
      change: source,
      rule,
      columns: new Map(),
      before: was,
      after: logged,
      restored: before,
      result: after,
    };
  }

  #rows(index: number): readonly (RowChange | null)[] {
    return this.#logged(index).map((row) => row && this.#translation.translate(row));
  }

  /** The window makes its rows anew at every look: one transaction's are held while it is looked at. */
  #logged(index: number): readonly (RowChange | null)[] {
    if (this.#held?.index !== index) {
      const rows = this.#facts.window
        .at(index)!
        .rows.map((row) => row && { table: row.table, before: row.before, after: row.after });
      this.#held = { index, rows };
    }
    return this.#held.rows;
  }

  #newKey(table: WindowTable): string | null {
    const column = rekeyColumn(table.definition);
    const next = this.#given.get(table.name) ?? this.#facts.freeKeys.get(table.name);
    if (!column || next === undefined || next > bounds(column).most) return null;
    this.#given.set(table.name, next + 1n);
    return String(next);
  }
}
