// MySQL GTID sets, with tags: parsing, writing, set arithmetic. Pure; exact for 63-bit numbers. See sql/rpl_gtid_set.cc.
import { ReconcileError } from '../reconcile-error.ts';

/** First and last transaction number, both within. */
export type GtidInterval = readonly [first: bigint, last: bigint];

/** A uuid, or uuid:tag: what a server numbers its transactions under. Lower case. */
export type GtidSource = string;

const LARGEST = 2n ** 63n - 2n;

/** Immutable. Intervals are sorted, disjoint and never adjacent, so that equal sets have equal texts. */
export class GtidSet {
  readonly #bySource: ReadonlyMap<GtidSource, readonly GtidInterval[]>;

  private constructor(bySource: ReadonlyMap<GtidSource, readonly GtidInterval[]>) {
    this.#bySource = bySource;
  }

  static readonly empty = new GtidSet(new Map());

  /** `uuid:1-5:7,uuid:tag:1-3` and `uuid:1-5:tag:1-3` alike, white space anywhere. Throws ReconcileError('input'). */
  static parse(text: string): GtidSet {
    const found = new Map<GtidSource, GtidInterval[]>();
    for (const part of text.replace(/\s+/g, '').split(',')) {
      if (part === '') continue;
      const [uuidText, ...rest] = part.split(':');
      const uuid = canonicalUuid(uuidText!);
      if (uuid === null || rest.length === 0) throw badSet(part);
      let source = uuid;
      let lastWasTag = false;
      for (const piece of rest) {
        const interval = /^(\d+)(?:-(\d+))?$/.exec(piece);
        lastWasTag = !interval;
        if (interval) {
          const first = BigInt(interval[1]!);
          const last = BigInt(interval[2] ?? interval[1]!);
          if (first < 1n || last < first || last > LARGEST) throw badSet(part);
          add(found, source, [first, last]);
        } else if (/^[a-z_][a-z0-9_]{0,31}$/i.test(piece)) {
          source = `${uuid}:${piece.toLowerCase()}`;
        } else throw badSet(part);
      }
      if (lastWasTag) throw badSet(part);
    }
    return GtidSet.#normalised(found);
  }

  /** The set of single GTIDs, `uuid:7` or `uuid:tag:7`. Throws ReconcileError('input'). */
  static of(gtids: Iterable<string>): GtidSet {
    const found = new Map<GtidSource, GtidInterval[]>();
    for (const gtid of gtids) {
      const { source, number } = parseGtid(gtid);
      add(found, source, [number, number]);
    }
    return GtidSet.#normalised(found);
  }

  static #normalised(found: Map<GtidSource, GtidInterval[]>): GtidSet {
    for (const [source, intervals] of found) found.set(source, merged(intervals));
    return new GtidSet(found);
  }

  get isEmpty(): boolean {
    return this.#bySource.size === 0;
  }

  /** How many transactions. */
  get count(): bigint {
    let count = 0n;
    for (const intervals of this.#bySource.values()) {
      for (const [first, last] of intervals) count += last - first + 1n;
    }
    return count;
  }

  get sources(): GtidSource[] {
    return [...this.#bySource.keys()];
  }

  intervals(source: GtidSource): readonly GtidInterval[] {
    return this.#bySource.get(source) ?? [];
  }

  /** Only the transactions under these sources. */
  only(keep: (source: GtidSource) => boolean): GtidSet {
    return new GtidSet(new Map([...this.#bySource].filter(([source]) => keep(source))));
  }

  union(other: GtidSet): GtidSet {
    const found = new Map<GtidSource, GtidInterval[]>();
    for (const set of [this, other]) {
      for (const [source, intervals] of set.#bySource) for (const one of intervals) add(found, source, one);
    }
    return GtidSet.#normalised(found);
  }

  subtract(other: GtidSet): GtidSet {
    const left = new Map<GtidSource, readonly GtidInterval[]>();
    for (const [source, intervals] of this.#bySource) {
      const rest = without(intervals, other.intervals(source));
      if (rest.length > 0) left.set(source, rest);
    }
    return new GtidSet(left);
  }

  intersect(other: GtidSet): GtidSet {
    return this.subtract(this.subtract(other));
  }

  isSubsetOf(other: GtidSet): boolean {
    return this.subtract(other).isEmpty;
  }

  equals(other: GtidSet): boolean {
    return this.toString() === other.toString();
  }

  /** `gtid`: `uuid:7` or `uuid:tag:7`. Throws ReconcileError('input') for anything else. */
  contains(gtid: string): boolean {
    const { source, number } = parseGtid(gtid);
    const intervals = this.intervals(source);
    let low = 0;
    let high = intervals.length - 1;
    while (low <= high) {
      const middle = (low + high) >> 1;
      const [first, last] = intervals[middle]!;
      if (number < first) high = middle - 1;
      else if (number > last) low = middle + 1;
      else return true;
    }
    return false;
  }

  /** The server's own canonical form on one line: `uuid:1-5:7:tag:1-3,uuid:9`. Empty: ''. */
  toString(): string {
    const groups = new Map<string, string>();
    for (const source of [...this.#bySource.keys()].sort()) {
      const [uuid, tag] = source.split(':') as [string, string | undefined];
      const numbers = this.intervals(source).map(([a, b]) => (a === b ? `${a}` : `${a}-${b}`));
      groups.set(uuid, [groups.get(uuid) ?? uuid, ...(tag === undefined ? [] : [tag]), ...numbers].join(':'));
    }
    return [...groups.values()].join(',');
  }
}

/** The last one that was parsed, as it was written and as it is: a window's GTIDs nearly all share theirs. */
let known: { text: string; source: GtidSource } | null = null;

/** Throws ReconcileError('input'). */
export function parseGtid(gtid: string): { source: GtidSource; number: bigint } {
  const colon = gtid.lastIndexOf(':');
  const number = gtid.slice(colon + 1);
  if (known?.text.length === colon && gtid.startsWith(known.text) && /^[1-9]\d{0,17}$/.test(number))
    return { source: known.source, number: BigInt(number) };
  const parsed = parseAnyGtid(gtid);
  known = { text: gtid.slice(0, colon), source: parsed.source };
  return parsed;
}

function parseAnyGtid(gtid: string): { source: GtidSource; number: bigint } {
  const parts = /^\s*([0-9a-f-]+):(?:([a-z_][a-z0-9_]{0,31}):)?(\d+)\s*$/i.exec(gtid);
  const uuid = parts && canonicalUuid(parts[1]!);
  const number = parts ? BigInt(parts[3]!) : 0n;
  if (!parts || !uuid || number < 1n || number > LARGEST) {
    throw new ReconcileError('input', `${JSON.stringify(gtid)} is no GTID`, {
      hint: 'A GTID is written uuid:number.',
    });
  }
  return { source: parts[2] === undefined ? uuid : `${uuid}:${parts[2].toLowerCase()}`, number };
}

function canonicalUuid(text: string): string | null {
  const digits = text
    .replace(/^\{(.*)\}$/, '$1')
    .replaceAll('-', '')
    .toLowerCase();
  if (!/^[0-9a-f]{32}$/.test(digits)) return null;
  return digits.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}

function badSet(part: string): ReconcileError {
  const shown = part.length > 80 ? `${part.slice(0, 79)}…` : part;
  return new ReconcileError('input', `${JSON.stringify(shown)} is no GTID set`, {
    hint: 'A GTID set is written uuid:1-5:7,uuid:tag:1-3.',
  });
}

function add(found: Map<GtidSource, GtidInterval[]>, source: GtidSource, interval: GtidInterval): void {
  const intervals = found.get(source);
  if (intervals) intervals.push(interval);
  else found.set(source, [interval]);
}

function merged(intervals: GtidInterval[]): GtidInterval[] {
  const sorted = intervals.toSorted((a, b) => (a[0] < b[0] ? -1 : a[0] > b[0] ? 1 : 0));
  const result: [bigint, bigint][] = [];
  for (const [first, last] of sorted) {
    const previous = result.at(-1);
    if (!previous || first > previous[1] + 1n) result.push([first, last]);
    else if (last > previous[1]) previous[1] = last;
  }
  return result;
}

function without(intervals: readonly GtidInterval[], taken: readonly GtidInterval[]): GtidInterval[] {
  const rest: GtidInterval[] = [];
  let next = 0;
  for (const [first, last] of intervals) {
    let from = first;
    while (next < taken.length && taken[next]![1] < from) next++;
    for (let i = next; i < taken.length && taken[i]![0] <= last; i++) {
      if (taken[i]![0] > from) rest.push([from, taken[i]![0] - 1n]);
      from = taken[i]![1] + 1n;
    }
    if (from <= last) rest.push([from, last]);
  }
  return rest;
}
