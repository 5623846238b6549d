// Names the place of a fault in the log that was found without one. Knows nothing of what was being read.
import { ReconcileError } from '../reconcile-error.ts';
import { DecodeFault, NotReadFault } from './byte-cursor.ts';
import type { EventPlace } from './raw-event.ts';

const DAMAGED = 'Copy the file again from the server or a backup, or read it live with --failed.';

/** Damage as a ReconcileError('corrupt') with file and position; whatever is no damage as it is. */
export function damageAt(fault: unknown, { file, position }: EventPlace): unknown {
  if (!(fault instanceof DecodeFault) && !(fault instanceof RangeError)) return fault;
  return new ReconcileError('corrupt', `${file} position ${position}: ${fault.message}`, {
    hint: DAMAGED,
    cause: fault,
  });
}

/** As damageAt; what is whole, but of a kind that is not read, as a ReconcileError('unsupported'). `hint`: how to go on without it. */
export function faultAt(fault: unknown, place: EventPlace, hint: string): unknown {
  if (!(fault instanceof NotReadFault)) return damageAt(fault, place);
  return new ReconcileError('unsupported', `${place.file} position ${place.position}: ${fault.message}`, {
    hint,
    cause: fault,
  });
}
