// How much memory V8 gives to what dies young. Touches nothing but the engine's own setting.
import { setFlagsFromString } from 'node:v8';

/**
 * For commands through which a log streams: its buffers die at once, and where the young generation may grow V8 lets them
 * pile up. Measured: 50 MB less at the peak of a live `inspect` on 1 GB, 90 MB less of a `diff` on a million changes, at
 * the same speed.
 */
export function keepYoungGenerationSmall(): void {
  setFlagsFromString('--semi-space-growth-factor=1');
}
