// The first bytes of a file and what they say: a binlog, an encrypted one, something else. Reads no event whole.
import type { BinlogFile } from './binlog-files.ts';
import type { BlockReader } from './block-reader.ts';
import { MARIADB_START_ENCRYPTION } from './event-type.ts';
import { encrypted, notABinlog } from './file-errors.ts';
import type { FormatDescription } from './format-description.ts';
import { MAGIC_LENGTH } from './raw-event.ts';

export async function passMagic(reader: BlockReader, file: BinlogFile): Promise<void> {
  await reader.fill(MAGIC_LENGTH);
  const magic = reader.block.toString('hex', reader.start, reader.start + MAGIC_LENGTH);
  if (magic === 'fd62696e') throw encrypted(file);
  if (magic !== 'fe62696e') throw notABinlog(file);
  await reader.skipTo(MAGIC_LENGTH);
}

/** MariaDB says right behind the format description that the rest is encrypted; a start further back would miss it. */
export async function refuseEncryptedEvents(
  reader: BlockReader,
  file: BinlogFile,
  format: FormatDescription,
): Promise<void> {
  if (format.flavor !== 'mariadb') return;
  await reader.fill(5);
  if (reader.end - reader.start >= 5 && reader.block[reader.start + 4] === MARIADB_START_ENCRYPTION) {
    throw encrypted(file);
  }
}
