// Times as plans have them, many in a row that share their second: each second is made out once. Never loses a microsecond.
import { isoTime } from './window-counts.ts';

/** Of a text, down to the second: `2026-11-20T10:00:00`. */
const SECOND = 19;
const LENGTH = '2026-11-20T10:00:00.123456Z'.length;

export class IsoTimes {
  /** The second that was asked for last, as text and as microseconds since 1970. */
  #text = '';
  #micros = Number.NaN;

  /** As isoTime() has it: null is null. */
  text(micros: number | null): string | null {
    if (micros === null) return null;
    const fraction = micros - this.#micros;
    if (fraction >= 0 && fraction < 1e6) return `${this.#text}.${String(fraction).padStart(6, '0')}Z`;
    const text = isoTime(micros)!;
    this.#text = text.slice(0, SECOND);
    this.#micros = Math.floor(micros / 1e6) * 1e6;
    return text;
  }

  /** Microseconds since 1970, of a text with any number of decimals; 0 where there is none. */
  micros(text: string | null): number {
    if (text?.length === LENGTH && text.startsWith(this.#text) && this.#text !== '') {
      const fraction = /^\.\d{6}Z$/.test(text.slice(SECOND))
        ? Number(text.slice(SECOND + 1, -1))
        : Number.NaN;
      if (!Number.isNaN(fraction)) return this.#micros + fraction;
    }
    const [, seconds, fraction = ''] = /^(.*?)(?:\.(\d+))?Z$/.exec(text ?? '') ?? [];
    if (seconds === undefined) return 0;
    const micros = Date.parse(`${seconds}Z`) * 1000;
    if (seconds.length === SECOND) [this.#text, this.#micros] = [seconds, micros];
    return micros + Number(fraction.padEnd(6, '0'));
  }
}
