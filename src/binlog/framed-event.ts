// What stands at a place of a binlog file: a whole event, the end, or something broken.

/**
 * What stands at the reader's position. `bytes` fewer than the event's length: it is a large transaction payload, passed
 * over in bounded memory, with its checksum found right.
 */
export type Framed = { kind: 'event'; bytes: Buffer } | { kind: 'end' } | { kind: 'broken'; reason: string };

export const CUT = 'an event is cut short by the end of the file';
