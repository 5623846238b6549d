// Values of MariaDB's COMPRESSED columns as the log stores them. Never trusts a stated length: it bounds the inflation
// and must come out exactly. Facts: MariaDB's sql/field.cc (Field_longstr::compress) and sql/field_comp.cc.
import { constants, deflateRawSync, inflateRawSync, inflateSync } from 'node:zlib';
import { DecodeFault, NotReadFault } from './byte-cursor.ts';

const UNCOMPRESSED = 0;
const ZLIB = 8;
/** Set: the deflate stream stands alone, without zlib's header (column_compression_zlib_wrap=OFF). */
const RAW = 8;

/**
 * `value` is without its length prefix. The empty value is stored empty; else one byte of header (the method in its
 * upper half, RAW, bytes of the length in the lowest three bits), the length before compression (big-endian), the data.
 */
export function inflateColumn(value: Buffer): Buffer {
  if (value.length === 0) return value;
  const header = value[0]!;
  const method = header >> 4;
  if (method === UNCOMPRESSED) return value.subarray(1);
  if (method !== ZLIB) throw new NotReadFault(`compression method ${method} of a COMPRESSED column`);
  const lengthBytes = header & 7;
  if (lengthBytes < 1 || lengthBytes > 4 || value.length < 1 + lengthBytes) {
    throw new DecodeFault(`a COMPRESSED value with header 0x${header.toString(16)}`);
  }
  const length = value.readUIntBE(1, lengthBytes);
  const inflated = inflate(value.subarray(1 + lengthBytes), (header & RAW) !== 0, length);
  if (inflated.length !== length) {
    throw new DecodeFault(`a COMPRESSED value of ${inflated.length} bytes where ${length} were stated`);
  }
  return inflated;
}

/**
 * The value as it is stored, not longer than `limit` if that can be: uncompressed, as every server takes it, for nothing
 * says at which level a server compresses; deflated only where the byte of header would be one too many.
 */
export function storedColumn(value: Buffer, limit: number): Buffer {
  if (value.length === 0) return value;
  if (value.length < limit) return Buffer.concat([Buffer.from([UNCOMPRESSED]), value]);
  const lengthBytes = Math.ceil((32 - Math.clz32(value.length)) / 8);
  const header = Buffer.alloc(1 + lengthBytes);
  header[0] = (ZLIB << 4) | RAW | lengthBytes;
  header.writeUIntBE(value.length, 1, lengthBytes);
  return Buffer.concat([header, deflateRawSync(value)]);
}

function inflate(stream: Buffer, raw: boolean, length: number): Buffer {
  const options = { maxOutputLength: Math.max(length, 1), finishFlush: constants.Z_FINISH };
  try {
    return raw ? inflateRawSync(stream, options) : inflateSync(stream, options);
  } catch (cause) {
    throw new DecodeFault('a COMPRESSED value that does not inflate', { cause });
  }
}
