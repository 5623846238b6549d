// Shows progress in one line that is overwritten, on a terminal only. Never keeps anything up, never on stdout.
import { escapeText } from '../report/escape-text.ts';
import type { Progress } from '../requests.ts';
import type { OutputOptions, Stream } from './output-options.ts';

const REDRAW_MILLISECONDS = 100;

/** `clear` takes the line away before something else is printed. */
export function terminalProgress(
  stream: Stream,
  options: OutputOptions,
  warn: (text: string) => void,
): Progress & { clear(): void } {
  const shown = options.progress && !options.quiet && stream.isTTY === true;
  let drawn = false;
  let step = '';
  let last = 0;
  const draw = (text: string): void => {
    const width = (stream.columns || 80) - 1;
    const cut = text.length > width ? `${text.slice(0, width - 1)}…` : text;
    stream.write(`\r\x1b[2K${cut}`);
    drawn = true;
    last = performance.now();
  };
  return {
    step(text) {
      step = escapeText(text);
      if (shown) draw(`${step} …`);
      // Where nothing is overwritten, a line a step is what a log file wants; only on demand.
      else if (options.verbose && !options.quiet) stream.write(`${step}\n`);
    },
    count(label, done, total) {
      if (!shown || (done !== total && performance.now() - last < REDRAW_MILLISECONDS)) return;
      const share = total ? ` of ${total} (${Math.floor((100 * done) / total)} %)` : '';
      draw(`${step === '' ? '' : `${step} … `}${done}${share} ${escapeText(label)}`);
    },
    warn,
    clear() {
      if (drawn) stream.write('\r\x1b[2K');
      drawn = false;
    },
  };
}
