// Reads a policy from YAML, strictly: what is not understood is a fault with its line and column, never passed over.
// Knows no server: whether tables, columns and transactions exist is asked in check-policy.ts.
import { createHash } from 'node:crypto';
import { isAlias, isMap, isScalar, LineCounter, type Pair, parseDocument, type YAMLMap } from 'yaml';
import type { ConflictKind } from '../plan/plan.ts';
import { meant } from './nearest-name.ts';
import {
  COLUMN_RULES,
  type ColumnRule,
  DECISIONS,
  type DecisionRule,
  type Placed,
  type Policy,
  ROW_RULES,
  type RowRule,
  RULES_BY_KIND,
  type TablePolicy,
} from './policy.ts';
import { PolicyFaults } from './policy-faults.ts';

export const POLICY_VERSION = 1;

type Place = (node: unknown) => string;

/** Throws ReconcileError('input') with every fault of the file. `file` is for places only. */
export function parsePolicy(text: string, file: string): Policy {
  const faults = new PolicyFaults();
  const lineCounter = new LineCounter();
  const document = parseDocument(text, { lineCounter, prettyErrors: false, uniqueKeys: true });
  const at = (offset: number): string => {
    const { line, col } = lineCounter.linePos(offset);
    return `${file}:${Math.max(1, line)}:${Math.max(1, col)}`;
  };
  const place: Place = (node) => at((node as { range?: number[] } | null)?.range?.[0] ?? 0);
  for (const error of [...document.errors, ...document.warnings]) {
    const said =
      error.code === 'MULTIPLE_DOCS' ? 'a second document begins here (---)' : error.message.split('\n')[0];
    faults.add(at(error.pos[0]), `this is no YAML that can be read: ${said}`, 'Put it right there.');
  }
  faults.throwAny();
  const reader = new Reader(faults, place);
  const policy = reader.policy(document.contents, file);
  faults.throwAny();
  return { ...policy, sha256: createHash('sha256').update(text).digest('hex') };
}

class Reader {
  readonly #faults: PolicyFaults;
  readonly #place: Place;

  constructor(faults: PolicyFaults, place: Place) {
    this.#faults = faults;
    this.#place = place;
  }

  policy(root: unknown, file: string): Omit<Policy, 'sha256'> {
    const top = this.#map(root, 'the policy', ['version', 'default', 'tables', 'decisions']);
    const version = top.get('version');
    if (!version) {
      this.#faults.add(this.#place(root), 'it says no version', `Begin with \`version: ${POLICY_VERSION}\`.`);
    } else if (!isScalar(version.value) || version.value.value !== POLICY_VERSION) {
      const said = isScalar(version.value) ? String(version.value.value) : 'something else';
      this.#faults.add(
        this.#place(version.value ?? version.key),
        `version ${said} is not known`,
        `This reconcile reads \`version: ${POLICY_VERSION}\`.`,
      );
    }
    const fallback = top.get('default');
    return {
      file,
      default: (fallback && this.#rule(fallback, DECISIONS)) ?? {
        rule: 'hold',
        place: `${file} (no default)`,
      },
      tables: this.#tables(top.get('tables')),
      decisions: this.#decisions(top.get('decisions')),
    };
  }

  #tables(tables: Pair | undefined): Map<string, TablePolicy> {
    const found = new Map<string, TablePolicy>();
    if (!tables) return found;
    for (const [name, pair] of this.#map(tables.value ?? tables.key, '`tables`', null)) {
      if (!/^[^.]+\../.test(name)) {
        this.#faults.add(
          this.#place(pair.key),
          `${JSON.stringify(name)} is not DATABASE.TABLE`,
          'Name the database, too.',
        );
        continue;
      }
      const parts = this.#map(pair.value ?? pair.key, name, ['on-conflict', 'columns']);
      const onConflict = parts.get('on-conflict');
      const byKind = onConflict && isMap(onConflict.value);
      const columns = new Map<string, Placed<ColumnRule>>();
      const listed = parts.get('columns');
      if (listed) {
        for (const [column, one] of this.#map(listed.value ?? listed.key, `the columns of ${name}`, null)) {
          const rule = this.#rule(one, COLUMN_RULES, { 'merge-columns': 'a table', rekey: 'a table' });
          if (rule) columns.set(column, rule);
        }
      }
      if (parts.size === 0) {
        this.#faults.add(
          this.#place(pair.key),
          `${name} says nothing`,
          'Give it `on-conflict`, or `columns`, or take it out.',
        );
      }
      found.set(name, {
        place: this.#place(pair.key),
        every: onConflict && !byKind ? this.#rule(onConflict, ROW_RULES, { add: 'columns' }) : null,
        kinds: onConflict && byKind ? this.#kinds(onConflict, name) : new Map(),
        columns,
      });
    }
    return found;
  }

  #kinds(onConflict: Pair, table: string): Map<ConflictKind, Placed<RowRule>> {
    const found = new Map<ConflictKind, Placed<RowRule>>();
    const kinds = Object.keys(RULES_BY_KIND);
    const what = `\`on-conflict\` of ${table}`;
    for (const [kind, pair] of this.#map(onConflict.value, what, null)) {
      const able = RULES_BY_KIND[kind as ConflictKind];
      if (!able) {
        this.#faults.add(
          this.#place(pair.key),
          `no rule decides ${JSON.stringify(kind)}`,
          meant(kind, kinds, 'Rules decide these kinds'),
        );
        continue;
      }
      const rule = this.#rule(pair, ROW_RULES, { add: 'columns' });
      if (!rule) continue;
      if (able.includes(rule.rule)) found.set(kind as ConflictKind, rule);
      else {
        this.#faults.add(rule.place, `${rule.rule} can't decide ${kind}`, `These can: ${able.join(', ')}.`);
      }
    }
    return found;
  }

  #decisions(decisions: Pair | undefined): Map<string, Placed<DecisionRule>> {
    const found = new Map<string, Placed<DecisionRule>>();
    if (!decisions) return found;
    for (const [id, pair] of this.#map(decisions.value ?? decisions.key, '`decisions`', null)) {
      const rule = this.#rule(pair, DECISIONS, {
        'merge-columns': 'a table',
        rekey: 'a table',
        add: 'columns',
      });
      if (rule) found.set(id, rule);
    }
    return found;
  }

  /** `elsewhere`: rules that exist, but for something else than this. */
  #rule<Rule extends string>(
    { key, value }: Pair,
    rules: readonly Rule[],
    elsewhere: Record<string, string> = {},
  ): Placed<Rule> | null {
    const said = isScalar(value) ? value.value : undefined;
    const place = this.#place(value ?? key);
    if (typeof said === 'string' && (rules as readonly string[]).includes(said))
      return { rule: said as Rule, place };
    const fact = isAlias(value)
      ? 'an alias (*name) is not read'
      : said === undefined || said === null
        ? `${JSON.stringify(this.#name(key))} has no rule`
        : `${JSON.stringify(said)} is no rule here`;
    const other = typeof said === 'string' ? elsewhere[said] : undefined;
    this.#faults.add(
      place,
      fact,
      other === undefined
        ? meant(String(said ?? ''), rules, 'The rules are')
        : `It is a rule for ${other}. The rules here are: ${rules.join(', ')}.`,
    );
    return null;
  }

  /** `names`: the keys that are known; null: any. */
  #map(node: unknown, what: string, names: readonly string[] | null): Map<string, Pair> {
    const found = new Map<string, Pair>();
    if (!isMap(node)) {
      this.#faults.add(
        this.#place(node),
        `${what} is no map of names and values`,
        names ? `It holds: ${names.join(', ')}.` : 'Write `name: rule`, one a line.',
      );
      return found;
    }
    for (const pair of (node as YAMLMap).items) {
      const name = this.#name(pair.key);
      if (name === null) {
        this.#faults.add(this.#place(pair.key), 'this is no name', 'Write it in quotes.');
      } else if (names && !names.includes(name)) {
        this.#faults.add(
          this.#place(pair.key),
          `${JSON.stringify(name)} is not known in ${what}`,
          meant(name, names, 'Known are'),
        );
      } else found.set(name, pair as Pair);
    }
    return found;
  }

  /** Names that look like numbers or truth are names all the same, as they were written. */
  #name(key: unknown): string | null {
    if (!isScalar(key)) return null;
    return typeof key.value === 'string' ? key.value : (key.source ?? null);
  }
}
