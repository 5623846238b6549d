// Sends several statements in one packet and tells how far the server came. Never retries, never judges an answer.
// Knows how the driver runs a command, and reads the answers itself: the driver would make an object of each column's
// description, each time anew, of which nothing is used.

import { lengthAt, lengthBytes } from './answered-row.ts';
import type { RawConnection } from './connection.ts';
import { RowSet } from './row-set.ts';

/** What a statement that answers no rows did. */
export interface Done {
  affectedRows: number;
}

/** A statement's answer: the rows of a SELECT as the server sent them, or what another statement did. */
export type Answer = RowSet | Done;

export interface BatchResult {
  /** One a statement; empty where there was a fault. */
  answers: Answer[];
  /** The driver's error. The statements behind the failing one have not run. */
  fault: unknown;
  /** Whether the first statement was carried out: with a fault, whether it was another one's. */
  firstDone: boolean;
  /** How many were answered whole: with a fault, the place of the one that failed. */
  done: number;
}

/** The instance is used again for the next packet, the buffer is not. */
interface Packet {
  buffer: Buffer;
  offset: number;
  end: number;
}

/** Given each packet of the server's, answers who takes the next one; null: that was the last. */
type Step = (packet: Packet) => Step | null;

/** One COM_QUERY. Errors and a lost connection it tells by its callback. */
interface Query {
  start(packet: undefined, driver: Driver): Step;
}

/** The part of the driver's own connection, below its promises, that is needed here. */
interface Driver {
  config: object;
  constructor: {
    createQuery(sql: string, values: undefined, done: (fault: unknown) => void, config: object): Query;
  };
  addCommand(command: Query): void;
}

/**
 * `connection` was opened with multipleStatements. `onFirst` is called as soon as the first statement's answer is here.
 * Never rejects: what a fault leaves undone is the caller's to sort out.
 */
export function sendBatch(
  connection: RawConnection,
  statements: readonly string[],
  onFirst?: () => void,
): Promise<BatchResult> {
  return new Promise((resolve) => {
    // The driver's promises hide which statement failed: its own connection, below them, tells.
    const { connection: driver } = connection as unknown as { connection: Driver };
    const answers = new Answers(statements.length, onFirst, (fault) => {
      const { list, firstDone } = answers;
      resolve({ answers: fault === null ? list : [], fault, firstDone, done: list.length });
    });
    const query = driver.constructor.createQuery(
      statements.join(';\n'),
      undefined,
      (fault) => answers.ended(fault),
      driver.config,
    );
    const { start } = query;
    query.start = (packet, on) => {
      start.call(query, packet, on);
      return answers.header;
    };
    driver.addCommand(query);
  });
}

/** Of a statement that answers no rows. */
export function affectedRows(answer: Answer): number {
  return answer instanceof RowSet ? 0 : answer.affectedRows;
}

const OK = 0;
const LOCAL_FILE = 0xfb;
const EOF = 0xfe;
const EOF_LENGTH = 5;
const MORE_RESULTS = 8;

/**
 * The text protocol's result sets, without CLIENT_DEPRECATE_EOF: an OK packet, or the number of columns, their
 * descriptions, EOF, rows, EOF. The status flags of each end say whether another one follows.
 */
class Answers {
  readonly list: Answer[] = [];
  firstDone = false;
  readonly #expected: number;
  readonly #onFirst: (() => void) | undefined;
  readonly #done: (fault: unknown) => void;
  #columns = 0;
  #described = 0;
  #rows = new RowSet(0);

  constructor(expected: number, onFirst: (() => void) | undefined, done: (fault: unknown) => void) {
    this.#expected = expected;
    this.#onFirst = onFirst;
    this.#done = done;
  }

  /** Whatever comes after the last answer (a connection that breaks) is nobody's. */
  ended(fault: unknown): void {
    this.#done(fault);
  }

  readonly header: Step = ({ buffer, offset }) => {
    if (!this.firstDone) {
      this.firstDone = true;
      this.#onFirst?.();
    }
    if (buffer[offset] === OK) {
      // Behind the mark: rows affected, the last id, the status.
      const lastId = offset + 1 + lengthBytes(buffer, offset + 1);
      const status = buffer.readUInt16LE(lastId + lengthBytes(buffer, lastId));
      return this.#answered({ affectedRows: lengthAt(buffer, offset + 1) }, status);
    }
    if (buffer[offset] === LOCAL_FILE) throw new Error('the server asks for a file of ours');
    this.#columns = lengthAt(buffer, offset);
    this.#described = 0;
    this.#rows = new RowSet(this.#columns);
    return this.#description;
  };

  readonly #description: Step = (packet) => {
    if (this.#described === this.#columns) {
      if (!isEof(packet)) throw new Error('column descriptions without an end');
      return this.#row;
    }
    this.#described += 1;
    this.#rows.describe(packet.buffer, packet.offset, packet.end);
    return this.#description;
  };

  readonly #row: Step = (packet) => {
    const { buffer, offset } = packet;
    if (isEof(packet)) return this.#answered(this.#rows, buffer.readUInt16LE(offset + 3));
    this.#rows.add(buffer, offset);
    return this.#row;
  };

  #answered(answer: Answer, status: number): Step | null {
    this.list.push(answer);
    if ((status & MORE_RESULTS) !== 0) return this.header;
    if (this.list.length !== this.#expected)
      this.#done(new Error(`${this.list.length} answers to ${this.#expected} statements`));
    else this.#done(null);
    return null;
  }
}

function isEof({ buffer, offset, end }: Packet): boolean {
  return buffer[offset] === EOF && end - offset === EOF_LENGTH;
}
