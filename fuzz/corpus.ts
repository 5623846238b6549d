// What inputs are made of: the events of the committed fixtures, transaction by transaction, each with the head of its
// file. Written by real servers; see test/binlog/make-fixtures.ts.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const FIXTURES = join(import.meta.dirname, '..', 'test', 'binlog', 'fixtures');
const OPENERS = [33, 34, 42, 162];
const XA_PREPARE = 38;
/** A prepared group and what follows it: its decision stands in one of the next ones. */
const GROUPS = 3;

export interface Sample {
  name: string;
  /** The format description. */
  head: Buffer;
  /** From a GTID to before the next one; some of XA over several. */
  events: Buffer[];
}

export interface SampleFile {
  name: string;
  bytes: Buffer;
}

export interface Corpus {
  samples: Sample[];
  files: SampleFile[];
}

export function loadCorpus(): Corpus {
  const samples: Sample[] = [];
  const files: SampleFile[] = [];
  for (const folder of readdirSync(FIXTURES).sort()) {
    const names = readdirSync(join(FIXTURES, folder)).filter((name) => /\.\d+$/.test(name));
    for (const name of names.sort()) {
      const bytes = readFileSync(join(FIXTURES, folder, name));
      files.push({ name: `${folder}/${name}`, bytes });
      const [head, ...events] = eventsOf(bytes);
      const groups: Buffer[][] = [];
      for (const event of events) {
        if (OPENERS.includes(event[4]!)) groups.push([]);
        groups.at(-1)?.push(event);
      }
      const sample = (made: Buffer[]) =>
        samples.push({ name: `${folder}/${name}`, head: head!, events: made });
      groups.forEach((group, i) => {
        sample(group);
        if (group.at(-1)![4] === XA_PREPARE) sample(groups.slice(i, i + GROUPS).flat());
      });
    }
  }
  return { samples, files };
}

function eventsOf(bytes: Buffer): Buffer[] {
  const events: Buffer[] = [];
  for (let position = 4; position + 19 <= bytes.length; ) {
    const length = bytes.readUInt32LE(position + 9);
    events.push(bytes.subarray(position, position + length));
    position += length;
  }
  return events;
}
