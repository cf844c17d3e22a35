import type { ByteFile } from './byte-file.ts';
import { DataError } from './error.ts';
import { BLOCK, fieldText, parseTarHeader } from './tar-header.ts';

/** One entry of an archive. Its data stays where it is. */
export interface TarEntry {
  readonly path: string;
  /** A plain file, a folder, or in words what else. */
  readonly type: string;
  /** Where its headers begin. */
  readonly header: number;
  /** Where its data begins. */
  readonly offset: number;
  /** Bytes of data, all of them within the archive. */
  readonly size: number;
  /** Its data. */
  readonly data: () => Promise<Uint8Array>;
}

/** Names and attributes that need more are no such thing. */
const MAX_EXTENSION = 2 ** 20;

const OTHER_TYPES: Readonly<Record<string, string>> = {
  '1': 'a link', '2': 'a link', '3': 'a device', '4': 'a device', '5': 'folder', '6': 'a pipe', S: 'a sparse file',
  D: 'a folder listing', M: 'a part of another archive', V: 'a volume name',
};

/** Reads ahead: the next bytes are usually in memory, and the window is small where files are large. */
function readAhead(file: ByteFile): (start: number, end: number) => Promise<Uint8Array> {
  const least = 2 ** 14;
  const most = 2 ** 22;
  let window: Uint8Array = new Uint8Array(0);
  let from = 0;
  let length = 2 ** 16;
  return async (start, end) => {
    const to = from + window.length;
    if (start < from || end > to) {
      // Bytes just behind the window: read on in larger steps. Far behind: what lies between is not wanted.
      length = start <= to + length ? Math.min(2 * length, most) : Math.max(length / 4, least);
      window = await file.read(start, Math.min(file.size, Math.max(end, start + length)));
      from = start;
    }
    return window.subarray(start - from, end - from);
  };
}

/** The records `length key=value\n` of a pax header. */
function parsePax(bytes: Uint8Array, where: string): ReadonlyMap<string, string> {
  const records = new Map<string, string>();
  for (let at = 0; at < bytes.length; ) {
    const space = bytes.indexOf(0x20, at);
    const digits = space < 0 || space - at > 8 ? '' : fieldText(bytes.subarray(at, space));
    const end = at + Number(digits);
    const equals = bytes.indexOf(0x3d, space);
    if (!/^\d+$/.test(digits) || end > bytes.length || equals < 0 || equals >= end || bytes[end - 1] !== 0x0a) {
      throw new DataError('bad-format', `${where} has damaged pax attributes; download or copy it again.`);
    }
    records.set(fieldText(bytes.subarray(space + 1, equals)), fieldText(bytes.subarray(equals + 1, end - 1)));
    at = end;
  }
  return records;
}

function describeStart(bytes: Uint8Array, name: string): void {
  if (bytes[0] === 0x1f && bytes[1] === 0x8b) {
    throw new DataError('bad-format', `${name} is gzipped, and images in it cannot be read one by one; unpack it with gunzip to a .tar.`);
  }
}

/** A size that the headers claim, checked before anything is sized by it. */
function checkInside(file: ByteFile, offset: number, size: number, path: string): void {
  if (size <= file.size - offset) return;
  const message = `${file.place} ends at byte ${file.size}, inside ${path}, which claims bytes ${offset} to ${offset + size}; download or copy it again.`;
  throw new DataError('truncated', message);
}

/**
 * The entries of a tar archive in order, by its headers alone: ustar, pax and GNU long names. `from` is where the headers of an
 * entry begin. Memory does not grow with the archive.
 *
 * @throws DataError `bad-format` when it is no tar or damaged, `truncated` when it ends inside an entry
 */
export async function* tarEntries(file: ByteFile, from: number = 0): AsyncGenerator<TarEntry, void, undefined> {
  const read = readAhead(file);
  if (file.size === 0) throw new DataError('truncated', `${file.place} is empty; download or copy it again.`);
  let header = from;
  let longPath: string | undefined;
  let longSize: number | undefined;
  let isSparse = false;
  for (let at = from; at < file.size; ) {
    if (at === 0) describeStart(await read(0, Math.min(2, file.size)), file.place);
    checkInside(file, at, BLOCK, 'a header');
    const where = `Byte ${at} of ${file.place}`;
    const parsed = parseTarHeader(await read(at, at + BLOCK), where);
    if (parsed === null) return;
    const offset = at + BLOCK;
    const { type } = parsed;
    if ('xgLK'.includes(type)) {
      if (parsed.size > MAX_EXTENSION) {
        throw new DataError('bad-format', `${where} claims a name or attributes of ${parsed.size} bytes; the archive is damaged.`);
      }
      checkInside(file, offset, parsed.size, 'a long name');
      const bytes = await read(offset, offset + parsed.size);
      if (type === 'L') longPath = fieldText(bytes);
      if (type === 'x') {
        const records = parsePax(bytes, where);
        longPath = records.get('path') ?? longPath;
        const size = records.get('size');
        if (size !== undefined) longSize = /^\d{1,15}$/.test(size) ? Number(size) : Number.POSITIVE_INFINITY;
        isSparse = [...records.keys()].some((key) => key.startsWith('GNU.sparse.'));
      }
      at = offset + Math.ceil(parsed.size / BLOCK) * BLOCK;
      continue;
    }
    const path = longPath ?? parsed.path;
    // Links, devices and folders have no data, whatever size they claim.
    const size = '123456'.includes(type) ? 0 : (longSize ?? parsed.size);
    at = offset + Math.ceil(size / BLOCK) * BLOCK;
    checkInside(file, offset, at - offset, path);
    const isFolder = type === '5' || path.endsWith('/');
    const kind = isFolder ? 'folder' : isSparse ? 'a sparse file' : (OTHER_TYPES[type] ?? ('07\0'.includes(type) ? 'file' : `of the unknown type "${type}"`));
    yield { path, type: kind, header, offset, size, data: () => read(offset, offset + size) };
    header = at;
    longPath = longSize = undefined;
    isSparse = false;
  }
  const remedy = 'download or copy it again, or if it is whole, append 1024 zero bytes';
  throw new DataError('truncated', `${file.place} ends without the zeros that end an archive; ${remedy}.`);
}
