// Turns Ctrl-C and a polite kill into an AbortSignal; the second one ends the process at once. Never cleans up itself.
import { ReconcileError } from '../reconcile-error.ts';

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

export interface Interrupt {
  signal: AbortSignal;
  /** Takes the handlers away again. */
  release(): void;
}

/** `announce` is called on the first signal. */
export function watchInterrupts(announce: (text: string) => void): Interrupt {
  const controller = new AbortController();
  const onSignal = (): void => {
    // Whatever is in flight stays uncommitted or committed: the server rolls back what we leave open.
    if (controller.signal.aborted) process.exit(130);
    controller.abort(interruptedError());
    announce('stopping; what is in flight is finished or rolled back first (again: end at once)');
  };
  for (const name of SIGNALS) process.on(name, onSignal);
  return {
    signal: controller.signal,
    release() {
      for (const name of SIGNALS) process.off(name, onSignal);
    },
  };
}

export function interruptedError(): ReconcileError {
  return new ReconcileError('interrupted', 'interrupted', {
    hint: 'The same command starts over, or resumes, safely.',
  });
}

/** For work that writes nothing: given up at once. Its own end is not waited for. */
export function unlessInterrupted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  if (signal.aborted) return Promise.reject(signal.reason);
  return new Promise((resolve, reject) => {
    const onAbort = (): void => reject(signal.reason);
    signal.addEventListener('abort', onAbort, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', onAbort));
  });
}
