import { DataError } from './error.ts';

/** Bytes of a header, and what every entry is padded to. */
export const BLOCK = 512;

/** The fields of a header block that matter here. */
export interface TarHeader {
  readonly path: string;
  /** Bytes of data that the header claims. */
  readonly size: number;
  /** The type flag, `0` for a file. */
  readonly type: string;
}

const utf8: TextDecoder = new TextDecoder();

/** The text of a field up to its first NUL. */
export function fieldText(bytes: Uint8Array): string {
  const end = bytes.indexOf(0);
  return utf8.decode(end < 0 ? bytes : bytes.subarray(0, end));
}

/** A number field: octal digits, or big-endian bytes after 0x80 (GNU). NaN when it is neither or beyond 2^53. */
function fieldNumber(bytes: Uint8Array): number {
  if (bytes[0]! < 0x80) {
    const text = fieldText(bytes).trim();
    return text === '' ? 0 : /^[0-7]+$/.test(text) ? Number.parseInt(text, 8) : Number.NaN;
  }
  const value = bytes.subarray(1).reduce((sum, byte) => sum * 256 + byte, 0);
  return bytes[0] === 0x80 && Number.isSafeInteger(value) ? value : Number.NaN;
}

/** The sum of all bytes, those of the sum itself counted as spaces. Some old writers summed signed bytes. */
function hasChecksum(block: Uint8Array): boolean {
  let unsigned = 8 * 32;
  let signed = unsigned;
  for (let at = 0; at < BLOCK; at++) {
    if (at >= 148 && at < 156) continue;
    const byte = block[at]!;
    unsigned += byte;
    signed += byte < 128 ? byte : byte - 256;
  }
  const claimed = fieldNumber(block.subarray(148, 156));
  return claimed === unsigned || claimed === signed;
}

/**
 * Reads a header block of the v7, ustar, pax or GNU formats; null when it is all zeros, the end of the archive.
 *
 * @param where names the block in errors
 * @throws DataError `bad-format` when the checksum or the size is wrong
 * @see https://pubs.opengroup.org/onlinepubs/9699919799/utilities/pax.html#tag_20_92_13_06
 */
export function parseTarHeader(block: Uint8Array, where: string): TarHeader | null {
  if (!hasChecksum(block)) {
    if (block.every((byte) => byte === 0)) return null;
    throw new DataError('bad-format', `${where} is no tar header (its checksum is wrong); the archive is damaged, download or copy it again.`);
  }
  const size = fieldNumber(block.subarray(124, 136));
  if (Number.isNaN(size)) throw new DataError('bad-format', `${where} is a tar header without a readable size; the archive is damaged.`);
  const name = fieldText(block.subarray(0, 100));
  // Only ustar has a prefix: GNU keeps times and sparse maps there.
  const prefix = fieldText(block.subarray(257, 263)) === 'ustar' && block[262] === 0 ? fieldText(block.subarray(345, 500)) : '';
  return { path: prefix === '' ? name : `${prefix}/${name}`, size, type: String.fromCharCode(block[156]!) };
}
