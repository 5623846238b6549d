// The path of a JSON diff, as the log writes it: `$`, then members (`.name`, `."any name"`) and array cells (`[3]`,
// `[last]`, `[last-2]`). Never reads wildcards or ranges: a diff names one place.
import { DecodeFault } from './byte-cursor.ts';

/** A member's key, UTF-8 as in the document; or an array cell's index, counted from the end where negative (-1: the last). */
export type JsonPathLeg = Buffer | number;

const LEG = /\.(?:"((?:[^"\\]|\\.)*)"|([^."[\]\s*]+))|\[(?:(\d{1,10})|last(?:-(\d{1,10}))?)\]/gy;

export function parseJsonPath(path: Buffer): JsonPathLeg[] {
  const text = path.toString('utf8');
  if (!text.startsWith('$')) throw notAPath(text);
  const legs: JsonPathLeg[] = [];
  let end = 1;
  LEG.lastIndex = end;
  for (let leg = LEG.exec(text); leg !== null; leg = LEG.exec(text)) {
    const [, quoted, plain, cell, fromLast = '0'] = leg;
    if (quoted !== undefined) legs.push(Buffer.from(unquoted(quoted, text)));
    else if (plain !== undefined) legs.push(Buffer.from(plain));
    else legs.push(cell === undefined ? -1 - Number(fromLast) : Number(cell));
    end = LEG.lastIndex;
  }
  if (end !== text.length) throw notAPath(text);
  return legs;
}

function unquoted(name: string, path: string): string {
  try {
    return JSON.parse(`"${name}"`) as string;
  } catch {
    throw notAPath(path);
  }
}

function notAPath(text: string): DecodeFault {
  return new DecodeFault(`a JSON diff with the path ${JSON.stringify(text.slice(0, 100))}`);
}
