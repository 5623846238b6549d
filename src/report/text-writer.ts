// Texts, labels and bytes as JSON, in Unicode.
import * as T from '../binlog/column-type.ts';
import { logValue } from '../binlog/column-value.ts';
import type { LoggedColumn } from '../binlog/logged-column.ts';
import { ascii, QUOTE, ROOM, type ValueWriter } from './quoted-value.ts';
import { type ColumnText, columnText } from './text-decoder.ts';

/** The label where the log has it; else the number, which is all that the row holds. */
export function enumeration(column: LoggedColumn): ValueWriter {
  const { labels, meta, collation } = column;
  const texts = labels?.map((label) => labelText(label, collation));
  return (out, bytes, start) => {
    const number = meta === 1 ? bytes[start]! : bytes[start]! | (bytes[start + 1]! << 8);
    const label = number === 0 ? '' : texts?.[number - 1];
    if (texts !== undefined && label !== undefined) {
      out.string(label);
      return;
    }
    out.reserve(ROOM);
    out.byte(QUOTE);
    out.uint(number);
    out.byte(QUOTE);
  };
}

export function set(column: LoggedColumn): ValueWriter {
  const { labels, meta, collation } = column;
  const exact = ascii(column);
  if (labels === null) return exact;
  const texts = labels.map((label) => labelText(label, collation));
  return (out, bytes, start, end) => {
    const chosen: string[] = [];
    for (let i = 0; i < meta * 8; i++) {
      if (((bytes[start + (i >> 3)]! >> (i & 7)) & 1) === 0) continue;
      const label = texts[i];
      if (label === undefined) {
        exact(out, bytes, start, end);
        return;
      }
      chosen.push(label);
    }
    out.string(chosen.join(','));
  };
}

function labelText(label: string, collation: number | null): string {
  return columnText(collation).decode(Buffer.from(label, 'latin1')) ?? label;
}

export function text(column: LoggedColumn): ValueWriter {
  const prefix =
    column.type === T.VARCHAR || column.type === T.VAR_STRING || column.type === T.STRING
      ? column.meta > 255
        ? 2
        : 1
      : column.meta;
  const kind = columnText(column.collation);
  const exact = canonical(column, kind);
  if (!kind.ascii) return exact;
  return (out, bytes, start, end) => {
    if (!out.plain(bytes, start + prefix, end)) exact(out, bytes, start, end);
  };
}

/** What is no text in its column's character set, and what is binary, is base64. */
export function canonical(column: LoggedColumn, kind: ColumnText): ValueWriter {
  const { type, meta, collation } = column;
  const known = { type, meta, unsigned: false, binary: collation === 63 };
  // BINARY(n) has all its n bytes, of which the log leaves out zeros at the end.
  const padded = type === T.STRING && collation === 63 ? meta : 0;
  return (out, bytes, start, end) => {
    const value = Buffer.from(logValue(known, bytes, start, end).padEnd(padded, '\0'), 'latin1');
    const decoded = kind.decode(value);
    if (decoded !== null) out.string(decoded);
    else out.text(`{"base64":"${value.toString('base64')}"}`);
  };
}
