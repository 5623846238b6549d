// Reads a transaction's line of a plan without making objects of its changes: each is told as numbers and as the places of
// its images' base64 text. What is not a change is left to JSON.parse, where it is more than nearly every line says. Judges
// nothing.
//
// A window's changes are nearly all of a plan's bytes; as objects they took ten times as many.
import type { JsonScanner } from './json-scanner.ts';
import { plainChange, plainHead } from './plain-line.ts';
import { PlainScanner } from './plain-scanner.ts';
import type { PlanTransaction } from './plan.ts';
import { noChange, type ScannedChange } from './scanned-change.ts';

type Take = (list: 'changes' | 'source', change: Readonly<ScannedChange>) => void;

const CLOSE_OBJECT = 0x7d;

/**
 * `take` is given each element of the lists `changes` and `source`, in order, in an object that is used again for the next.
 * Returns what the line says with those lists empty: whether that is a transaction's is for the caller to see. Throws
 * LineFault or SyntaxError where the line is not of that form.
 */
export function scanTransaction(line: Buffer, take: Take): PlanTransaction {
  const scanner = new PlainScanner(line);
  const change = noChange();
  let json = '';
  let kept = 0;
  const tell = (list: 'changes' | 'source'): number => {
    const start = scanner.at + 1;
    scanner.openList();
    for (let first = true; scanner.nextElement(first); first = false) {
      scanChange(scanner, change);
      take(list, change);
    }
    return start;
  };
  const leaveOut = (start: number): void => {
    json += line.toString('utf8', kept, start);
    kept = scanner.at - 1;
  };
  const head = plainHead(scanner);
  const isPlain = head !== null && scanner.isList();
  if (isPlain) {
    const start = tell('changes');
    if (scanner.at === line.length - 1 && line[scanner.at] === CLOSE_OBJECT) return head;
    // There is more than nearly every line says.
    leaveOut(start);
  } else {
    scanner.at = 0;
    scanner.openObject();
  }
  for (let first = !isPlain; scanner.nextMember(first); first = false) {
    scanner.name();
    const list = scanner.is('changes') ? 'changes' : scanner.is('source') ? 'source' : null;
    if (list !== null && scanner.isList()) leaveOut(tell(list));
    else scanner.skip();
  }
  scanner.finish();
  return JSON.parse(json + line.toString('utf8', kept)) as PlanTransaction;
}

function scanChange(scanner: PlainScanner, change: ScannedChange): void {
  const start = scanner.at;
  if (plainChange(scanner, change)) return;
  scanner.at = start;
  scanAnyChange(scanner, change);
}

function scanAnyChange(scanner: JsonScanner, change: ScannedChange): void {
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
