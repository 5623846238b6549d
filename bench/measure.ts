// Runs programs and says how long they took and how much memory they had. Wall time of the whole process, from outside.
import { spawn } from 'node:child_process';
import { closeSync, openSync, readFileSync } from 'node:fs';

export interface Run {
  seconds: number;
  /** Most resident memory, in bytes; null where /proc does not say. */
  peak: number | null;
}

const POLL_MILLISECONDS = 5;

/** Output goes to /dev/null. Peak memory is what the kernel noted, read while the process lives. */
export function run(
  words: readonly string[],
  watchMemory = false,
  good: readonly number[] = [0],
): Promise<Run> {
  const [program, ...rest] = words;
  const nowhere = openSync('/dev/null', 'w');
  return new Promise((resolve, reject) => {
    const started = process.hrtime.bigint();
    const child = spawn(program!, rest, { stdio: ['ignore', nowhere, 'inherit'] });
    let peak: number | null = null;
    const watch = (): void => {
      peak = residentPeak(child.pid) ?? peak;
    };
    const timer = watchMemory ? setInterval(watch, POLL_MILLISECONDS) : undefined;
    child.on('error', reject);
    child.on('exit', (code) => {
      const seconds = Number(process.hrtime.bigint() - started) / 1e9;
      clearInterval(timer);
      closeSync(nowhere);
      if (good.includes(code ?? -1)) resolve({ seconds, peak });
      else reject(new Error(`${words.join(' ')} ended with ${code}`));
    });
  });
}

/** The most that a living process has had so far, in bytes. */
export function residentPeak(pid: number | undefined): number | null {
  try {
    const found = /^VmHWM:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'latin1'));
    return found ? Number(found[1]) * 1024 : null;
  } catch {
    return null;
  }
}

/** Ticks of /proc/PID/stat a second: USER_HZ, 100 on every Linux that Node runs on. */
const TICKS = 100;

/** Seconds of CPU, user and system, that a process has had; null where /proc does not say. */
export function cpuSeconds(pid: number | undefined): number | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return (Number(fields[11]) + Number(fields[12])) / TICKS;
  } catch {
    return null;
  }
}

/** What the processes have had by their ends, seen until shortly before them. */
export function watchCpu(pids: readonly (number | undefined)[]): () => number | null {
  const seen = pids.map(() => null as number | null);
  const look = (): void => {
    pids.forEach((pid, i) => {
      seen[i] = cpuSeconds(pid) ?? seen[i]!;
    });
  };
  const timer = setInterval(look, 20).unref();
  return () => {
    clearInterval(timer);
    return seen.includes(null) ? null : seen.reduce((sum: number, one) => sum + one!, 0);
  };
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}
