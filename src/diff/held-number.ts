// How "a number, or null for an empty slot" is written where there is room for a number only.
import type { Held } from './footprint.ts';

/** Below every slot, every content and ELSEWHERE (-1). */
const NULL = -2;

export function packHeld(held: Held | null): number {
  return held ?? NULL;
}

export function unpackHeld(number: number): Held | null {
  return number === NULL ? null : number;
}
