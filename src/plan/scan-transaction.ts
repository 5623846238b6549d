// Reads a transaction's line of a plan without making objects of its changes: each is told as numbers and as the places of
// its images' base64 text. What is not a change is left as JSON, for JSON.parse. Judges nothing.
//
// A window's changes are nearly all of a plan's bytes; as objects they took ten times as many.
import { JsonScanner } from './json-scanner.ts';

export interface ScannedChange {
  /** A PlanTable's id; NaN where there is none. */
  table: number;
  op: 'insert' | 'update' | 'delete' | null;
  flags: number;
  /** Where the base64 text of an image starts and ends in the line; -1: there is no such image. */
  beforeAt: number;
  beforeEnd: number;
  afterAt: number;
  afterEnd: number;
}

/**
 * `take` is given each element of the lists `changes` and `source`, in order, in an object that is used again for the next.
 * Returns the line's JSON with those lists empty. Throws LineFault where the line is not of that form.
 */
export function scanTransaction(
  line: Buffer,
  take: (list: 'changes' | 'source', change: Readonly<ScannedChange>) => void,
): string {
  const scanner = new JsonScanner(line);
  const change: ScannedChange = noChange();
  let head = '';
  let kept = 0;
  scanner.openObject();
  for (let first = true; scanner.nextMember(first); first = false) {
    scanner.name();
    const list = scanner.is('changes') ? 'changes' : scanner.is('source') ? 'source' : null;
    if (list === null || !scanner.isList()) {
      scanner.skip();
      continue;
    }
    const start = scanner.at + 1;
    scanner.openList();
    for (let one = true; scanner.nextElement(one); one = false) {
      scanChange(scanner, change);
      take(list, change);
    }
    head += line.toString('utf8', kept, start);
    kept = scanner.at - 1;
  }
  scanner.finish();
  return head + line.toString('utf8', kept);
}

function scanChange(scanner: JsonScanner, change: ScannedChange): void {
  Object.assign(change, noChange());
  scanner.openObject();
  for (let first = true; scanner.nextMember(first); first = false) {
    scanner.name();
    if (scanner.is('table')) change.table = scanner.integer();
    else if (scanner.is('flags')) change.flags = scanner.integer();
    else if (scanner.is('op') && scanner.isString()) {
      scanner.string();
      change.op = opOf(scanner);
    } else if (scanner.is('before') && scanner.isString()) {
      scanner.string();
      change.beforeAt = scanner.start;
      change.beforeEnd = scanner.end;
    } else if (scanner.is('after') && scanner.isString()) {
      scanner.string();
      change.afterAt = scanner.start;
      change.afterEnd = scanner.end;
    } else scanner.skip();
  }
}

function opOf(scanner: JsonScanner): ScannedChange['op'] {
  for (const op of ['insert', 'update', 'delete'] as const) if (scanner.is(op)) return op;
  return null;
}

function noChange(): ScannedChange {
  return { table: Number.NaN, op: null, flags: 0, beforeAt: -1, beforeEnd: -1, afterAt: -1, afterEnd: -1 };
}
