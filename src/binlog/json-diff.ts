// The diffs that stand in the log in place of a JSON value (binlog_row_value_options=PARTIAL_JSON): reads them and
// applies them to the value before, as a replica does. Never compares and never makes text.
// Format: MySQL's sql-common/json_diff.h.
import { ByteCursor, DecodeFault, NotReadFault } from './byte-cursor.ts';
import { documentBytes, type JsonPart, type OpenPart, openPart, storedPart } from './json-part.ts';
import { type JsonPathLeg, parseJsonPath } from './json-path.ts';
import { MAX_DEPTH } from './json-type.ts';

const REPLACE = 0;
const INSERT = 1;
const REMOVE = 2;

/**
 * Both without their length prefix. Throws DecodeFault where the bytes contradict themselves, NotReadFault where a diff
 * names a place that `before` has not.
 */
export function applyJsonDiffs(before: Buffer, diffs: Buffer): Buffer {
  let root: JsonPart = storedPart(before);
  const cursor = new ByteCursor(diffs);
  while (cursor.left > 0) {
    const operation = cursor.uint8();
    if (operation > REMOVE) throw new DecodeFault(`JSON diff operation ${operation}`);
    const path = parseJsonPath(cursor.slice(cursor.packed()));
    const value = operation === REMOVE ? null : storedPart(cursor.slice(cursor.packed()));
    if (path.length > MAX_DEPTH) throw new DecodeFault(`a JSON diff with a path of ${path.length} legs`);
    root = applied(root, operation, path, value);
  }
  return documentBytes(root);
}

function applied(root: JsonPart, operation: number, path: JsonPathLeg[], value: JsonPart | null): JsonPart {
  const last = path.pop();
  if (last === undefined) {
    if (operation === REPLACE) return value!;
    throw doesNotFit();
  }
  const top = opened(root);
  let parent = top;
  for (const leg of path) {
    const at = indexOf(parent, leg);
    if (at === null) throw doesNotFit();
    parent = parent.values[at] = opened(parent.values[at]!);
  }
  change(parent, operation, last, value);
  return top;
}

function change(parent: OpenPart, operation: number, leg: JsonPathLeg, value: JsonPart | null): void {
  const at = indexOf(parent, leg);
  if (operation === INSERT) {
    insert(parent, leg, value!);
    return;
  }
  if (at === null) throw doesNotFit();
  if (operation === REPLACE) {
    parent.values[at] = value!;
    return;
  }
  parent.values.splice(at, 1);
  parent.keys?.splice(at, 1);
}

/** A cell that is not there is the array's nearer end, as for the server. */
function insert({ keys, values }: OpenPart, leg: JsonPathLeg, value: JsonPart): void {
  if (typeof leg === 'number') {
    if (keys !== null) throw doesNotFit();
    values.splice(leg < 0 ? Math.max(0, values.length + leg) : leg, 0, value);
    return;
  }
  if (keys === null) throw doesNotFit();
  const { at, found } = searchKey(keys, leg);
  if (found) throw doesNotFit();
  keys.splice(at, 0, leg);
  values.splice(at, 0, value);
}

/** null: the container has no such member or cell. */
function indexOf({ keys, values }: OpenPart, leg: JsonPathLeg): number | null {
  if (typeof leg === 'number') {
    const at = leg < 0 ? values.length + leg : leg;
    return keys === null && at >= 0 && at < values.length ? at : null;
  }
  if (keys === null) return null;
  const { at, found } = searchKey(keys, leg);
  return found ? at : null;
}

/** Keys stand in order: shorter ones first, those of one length by their bytes. */
function searchKey(keys: readonly Buffer[], key: Buffer): { at: number; found: boolean } {
  let low = 0;
  let high = keys.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    const other = keys[middle]!;
    const order = other.length - key.length || other.compare(key);
    if (order === 0) return { at: middle, found: true };
    if (order < 0) low = middle + 1;
    else high = middle;
  }
  return { at: low, found: false };
}

function opened(part: JsonPart): OpenPart {
  const open = openPart(part);
  if (open === null) throw doesNotFit();
  return open;
}

function doesNotFit(): NotReadFault {
  return new NotReadFault('a JSON diff that does not fit the value before it');
}
