// Makes one input of a seed: damaged events between sound ones, or a damaged file. Never looks at what comes of it.
import { crc32 } from 'node:zlib';
import type { Corpus } from './corpus.ts';
import { Random } from './random.ts';

export type Input =
  | { kind: 'events'; from: string; events: Buffer[] }
  | { kind: 'file'; from: string; bytes: Buffer };

const HEADER = 19;
/** All types that either flavour has, and some that none has. */
const TYPES = [
  ...Array.from({ length: 46 }, (_, i) => i),
  ...Array.from({ length: 12 }, (_, i) => 158 + i),
  255,
];

/** One input in so many is a file: it has to be written to be read. */
const FILES = 0.01;

export function makeInput(corpus: Corpus, seed: number): Input {
  const random = new Random(seed);
  if (random.chance(FILES)) return damagedFile(corpus, random);
  const { name, head, events } = random.pick(corpus.samples);
  const made = [head, ...events];
  for (let i = random.below(3); i >= 0; i--) {
    const at = random.chance(0.02) ? 0 : 1 + random.below(made.length - 1);
    const before = made[at] ?? head;
    const how = random.below(20);
    if (how === 0) made.splice(at, 1);
    else if (how === 1) made.splice(at, 0, random.pick(random.pick(corpus.samples).events));
    else made[at] = random.chance(0.1) ? randomEvent(random) : damagedEvent(before, random);
    if (made.length === 0) made.push(head);
  }
  return { kind: 'events', from: name, events: made };
}

/** A length that lies: nothing, everything, or one off. */
function lie(random: Random): number {
  return random.pick([0, 1, 0x7f, 0x80, 0xfa, 0xfb, 0xfc, 0xfd, 0xfe, 0xff, random.below(256)]);
}

function randomEvent(random: Random): Buffer {
  const event = random.bytes(HEADER + random.below(random.chance(0.1) ? 4000 : 120));
  event[4] = random.pick(TYPES);
  event.writeUInt32LE(event.length, 9);
  return event;
}

function damagedEvent(event: Buffer, random: Random): Buffer {
  let made = Buffer.from(event);
  const body = (): number => HEADER + random.below(Math.max(1, made.length - HEADER));
  switch (random.below(8)) {
    case 0:
      // Cut short.
      made = made.subarray(0, HEADER + random.below(Math.max(1, made.length - HEADER + 1)));
      break;
    case 1:
      // Longer than it should be.
      made = Buffer.concat([made, random.bytes(1 + random.below(64))]);
      break;
    case 2:
      made[4] = random.pick(TYPES);
      break;
    case 3: {
      // A run of one byte: bitmaps, lengths of all sizes.
      const at = body();
      made.fill(lie(random), at, Math.min(made.length, at + 1 + random.below(9)));
      break;
    }
    case 4: {
      // A piece taken out or doubled.
      const at = body();
      const length = 1 + random.below(16);
      made = random.chance(0.5)
        ? Buffer.concat([made.subarray(0, at), made.subarray(Math.min(made.length, at + length))])
        : Buffer.concat([made.subarray(0, at + length), made.subarray(at)]);
      break;
    }
    default:
      break;
  }
  for (let i = random.below(4); i > 0; i--)
    made[body()] = random.chance(0.5) ? lie(random) : random.below(256);
  if (made.length < HEADER) made = Buffer.concat([made, Buffer.alloc(HEADER - made.length)]);
  made.writeUInt32LE(made.length, 9);
  return made;
}

function damagedFile({ files }: Corpus, random: Random): Input {
  const { name, bytes } = random.pick(files);
  let made = Buffer.from(bytes);
  for (let i = random.below(4); i >= 0; i--) {
    const at = random.below(made.length);
    const how = random.below(3);
    const end = Math.min(made.length, at + 1 + random.below(5000));
    if (how === 0) made = made.subarray(0, Math.max(1, at));
    else if (how === 1) made.fill(random.chance(0.5) ? 0 : 0xff, at, end);
    else made[at] = lie(random);
  }
  if (random.chance(0.7)) repairSums(made, random);
  return { kind: 'file', from: name, bytes: made };
}

/** Damage that the checksums do not catch. */
function repairSums(bytes: Buffer, random: Random): void {
  for (let position = 4; position + HEADER <= bytes.length; ) {
    const length = bytes.readUInt32LE(position + 9);
    if (length < HEADER + 4 || position + length > bytes.length) return;
    if (random.chance(0.02)) bytes[position + HEADER + random.below(length - HEADER)] = lie(random);
    bytes.writeUInt32LE(crc32(bytes.subarray(position, position + length - 4)), position + length - 4);
    position += length;
  }
}
