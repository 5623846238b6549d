// MariaDB GTID positions: the last GTID of each domain. Pure. See sql/rpl_gtid.cc.
import { ReconcileError } from '../reconcile-error.ts';

export interface MariadbGtid {
  domain: number;
  serverId: number;
  sequence: bigint;
}

/** Immutable; `0-1-100,1-2-5`. One GTID a domain: the highest sequence number where a text has several. */
export class MariadbGtidPosition {
  readonly #byDomain: ReadonlyMap<number, MariadbGtid>;

  private constructor(byDomain: ReadonlyMap<number, MariadbGtid>) {
    this.#byDomain = byDomain;
  }

  static readonly empty = new MariadbGtidPosition(new Map());

  /** Throws ReconcileError('input'). */
  static parse(text: string): MariadbGtidPosition {
    const parts = text.replace(/\s+/g, '').split(',');
    return new MariadbGtidPosition(latest(parts.filter((part) => part !== '').map(parseMariadbGtid)));
  }

  get domains(): number[] {
    return [...this.#byDomain.keys()].sort((a, b) => a - b);
  }

  at(domain: number): MariadbGtid | undefined {
    return this.#byDomain.get(domain);
  }

  /** Whether a server that stands here has passed `gtid`: sequence numbers grow within a domain, whoever wrote. */
  covers(gtid: string | MariadbGtid): boolean {
    const wanted = typeof gtid === 'string' ? parseMariadbGtid(gtid) : gtid;
    const here = this.#byDomain.get(wanted.domain);
    return here !== undefined && here.sequence >= wanted.sequence;
  }

  coversAll(other: MariadbGtidPosition): boolean {
    return [...other.#byDomain.values()].every((gtid) => this.covers(gtid));
  }

  /** How many sequence numbers `other` is ahead of this position, over all domains. */
  behind(other: MariadbGtidPosition): bigint {
    let missing = 0n;
    for (const theirs of other.#byDomain.values()) {
      const ahead = theirs.sequence - (this.#byDomain.get(theirs.domain)?.sequence ?? 0n);
      if (ahead > 0n) missing += ahead;
    }
    return missing;
  }

  /** Per domain, the later of both. */
  union(other: MariadbGtidPosition): MariadbGtidPosition {
    return new MariadbGtidPosition(latest([...this.#byDomain.values(), ...other.#byDomain.values()]));
  }

  equals(other: MariadbGtidPosition): boolean {
    return this.toString() === other.toString();
  }

  toString(): string {
    return this.domains.map((domain) => formatMariadbGtid(this.#byDomain.get(domain)!)).join(',');
  }
}

export function formatMariadbGtid(gtid: MariadbGtid): string {
  return `${gtid.domain}-${gtid.serverId}-${gtid.sequence}`;
}

/** `0-1-100`. Throws ReconcileError('input'). */
export function parseMariadbGtid(text: string): MariadbGtid {
  const parts = /^(\d{1,10})-(\d{1,10})-(\d{1,20})$/.exec(text.trim());
  const domain = Number(parts?.[1]);
  const serverId = Number(parts?.[2]);
  const sequence = BigInt(parts?.[3] ?? 0);
  if (!parts || domain > 0xffffffff || serverId > 0xffffffff || sequence >= 2n ** 64n) {
    throw new ReconcileError('input', `${JSON.stringify(text)} is no MariaDB GTID`, {
      hint: 'A MariaDB GTID is written domain-server-sequence: 0-1-100.',
    });
  }
  return { domain, serverId, sequence };
}

function latest(gtids: readonly MariadbGtid[]): Map<number, MariadbGtid> {
  const byDomain = new Map<number, MariadbGtid>();
  for (const gtid of gtids) {
    const before = byDomain.get(gtid.domain);
    if (!before || gtid.sequence > before.sequence) byDomain.set(gtid.domain, gtid);
  }
  return byDomain;
}
