// The name of an XA transaction, as its XA_PREPARE event has it and as the later XA COMMIT or XA ROLLBACK spells it out.
// Never decides what becomes of it.
import type { ByteCursor } from './byte-cursor.ts';

/** XA_PREPARE. `onePhase`: it is its own XA COMMIT. The name is spelled as the servers do: gtrid, bqual, format id. */
export function readXaPrepare(cursor: ByteCursor): { onePhase: boolean; xid: string } {
  const onePhase = cursor.uint8() !== 0;
  const formatId = cursor.uint32() | 0;
  const gtridLength = cursor.uint32();
  const bqualLength = cursor.uint32();
  const gtrid = cursor.slice(gtridLength);
  const bqual = cursor.slice(bqualLength);
  return { onePhase, xid: `X'${gtrid.toString('hex')}',X'${bqual.toString('hex')}',${formatId}` };
}

export interface XaDecision {
  ends: 'commit' | 'rollback';
  xid: string;
}

/** null: not as servers log it. */
export function readXaDecision(sql: string): XaDecision | null {
  const found = /^XA (COMMIT|ROLLBACK) (X'[\da-f]*',X'[\da-f]*',-?\d+)$/i.exec(sql);
  if (found === null) return null;
  const [, word, xid] = found;
  return {
    ends: word!.toUpperCase() === 'COMMIT' ? 'commit' : 'rollback',
    xid: xid!.toLowerCase().replaceAll('x', 'X'),
  };
}
