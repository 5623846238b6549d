// What each binlog file says at its head of the GTIDs that stand before it: what tells whether a start by GTID set may
// begin there. Reads a few events of a file, and only of those that are asked for.
import { type BinlogFile, findBinlogFiles } from './binlog-files.ts';
import { openBlockReader } from './block-reader.ts';
import { ByteCursor, DecodeFault } from './byte-cursor.ts';
import { nextEvent } from './event-framing.ts';
import * as E from './event-type.ts';
import { corrupt, encrypted, relayLog } from './file-errors.ts';
import { checkFormatDescription, parseFormatDescription } from './format-description.ts';
import { readGtidList, readPreviousGtids } from './previous-gtids.ts';
import { CHECKSUM_LENGTH, flagsOf, HEADER_LENGTH, MAGIC_LENGTH, typeOf } from './raw-event.ts';

export interface LogHead {
  file: string;
  /** The GTIDs before this file in its flavour's notation, '' for none; null where it is torn before it says so. */
  gtidsBefore(): Promise<string | null>;
}

/** In log order. Throws what findBinlogFiles throws. */
export async function binlogFileHeads(paths: string[]): Promise<LogHead[]> {
  const files = await findBinlogFiles(paths);
  return files.map((file) => ({ file: file.file, gtidsBefore: () => gtidsBefore(file) }));
}

/** Throws `unsupported` for an encrypted file or a relay log, `corrupt` for one that has no such event where it must stand. */
async function gtidsBefore(file: BinlogFile): Promise<string | null> {
  if (file.form === 'encrypted') throw encrypted(file);
  if (file.form === 'empty') return null;
  const reader = await openBlockReader(file);
  try {
    await reader.skipTo(MAGIC_LENGTH);
    const head = await nextEvent(reader, false);
    if (head.kind !== 'event' || checkFormatDescription(head.bytes) !== null) return null;
    if ((flagsOf(head.bytes) & E.FLAG_RELAY_LOG) !== 0) throw relayLog(file);
    const { checksum } = parseFormatDescription(head.bytes);
    for (;;) {
      const position = reader.position;
      const framed = await nextEvent(reader, checksum);
      if (framed.kind !== 'event') return null;
      const { bytes } = framed;
      const cursor = new ByteCursor(bytes, HEADER_LENGTH, bytes.length - (checksum ? CHECKSUM_LENGTH : 0));
      switch (typeOf(bytes)) {
        case E.PREVIOUS_GTIDS:
          return readPreviousGtids(cursor);
        case E.MARIADB_GTID_LIST:
          return readGtidList(cursor);
        case E.MARIADB_START_ENCRYPTION:
          throw encrypted(file);
        case E.ROTATE:
        case E.STOP:
        case E.MARIADB_BINLOG_CHECKPOINT:
          continue;
        default:
          throw corrupt(file.file, position, 'the file does not say which GTIDs stand before it');
      }
    }
  } catch (fault) {
    if (!(fault instanceof DecodeFault)) throw fault;
    throw corrupt(file.file, MAGIC_LENGTH, fault.message, fault);
  } finally {
    await reader.close();
  }
}
