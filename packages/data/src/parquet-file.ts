import * as zlib from 'node:zlib';
import type { AsyncBuffer, Compressors, FileMetaData } from 'hyparquet';
import type { ByteFile } from './byte-file.ts';
import { DataError, reasonOf } from './error.ts';
import type { Hyparquet } from './load-hyparquet.ts';

/** What one row group of one column may hold: it is read as a whole. */
const MAX_GROUP_BYTES = 2 ** 30;

/** More rows are a damaged number: they would take minutes to make, even if there is nothing in them. */
const MAX_GROUP_ROWS = 2 ** 24;

type Decompress = (input: Uint8Array, options: { readonly maxOutputLength: number }) => Uint8Array;

// Node has these; Snappy, which nearly all files use, is part of hyparquet.
const { zstdDecompressSync } = zlib as unknown as { readonly zstdDecompressSync?: Decompress };
const bounded =
  (decompress: Decompress): NonNullable<Compressors['GZIP']> =>
  (input, length) => decompress(input, { maxOutputLength: Math.max(length, 1) });
const compressors: Compressors = {
  GZIP: bounded(zlib.gunzipSync),
  BROTLI: bounded(zlib.brotliDecompressSync),
  ...(zstdDecompressSync ? { ZSTD: bounded(zstdDecompressSync) } : {}),
};

/** An opened Parquet file. */
export interface ParquetFile {
  readonly metadata: FileMetaData;
  /** The values of a top-level column in the rows from `start` to before `end`. */
  readonly column: (name: string, start: number, end: number) => Promise<readonly unknown[]>;
}

/** What a row group claims to hold of a top-level column, unpacked. */
export function columnBytes({ columns }: FileMetaData['row_groups'][number], name: string): number {
  const chunks = columns.flatMap(({ meta_data: chunk }) => (chunk?.path_in_schema[0] === name ? [chunk] : []));
  return chunks.reduce((sum, chunk) => sum + Number(chunk.total_uncompressed_size), 0);
}

/** Reads the footer of `file`. Throws a `DataError` `bad-format` when it or what it describes is damaged. */
export async function openParquet(hyparquet: Hyparquet, file: ByteFile): Promise<ParquetFile> {
  const slice = async (start: number, end: number): Promise<ArrayBuffer> => {
    // Damaged metadata may ask for anything.
    if (!(start >= 0 && start <= end && end <= file.size)) throw new Error(`it refers to bytes ${start} to ${end} of ${file.size}`);
    return (await file.read(start, end)).buffer as ArrayBuffer;
  };
  const buffer: AsyncBuffer = {
    byteLength: file.size,
    slice: (start, end = file.size) => {
      const bytes = slice(start, end);
      // hyparquet asks for several ranges at once and awaits them in turn: those behind one that fails are nobody's.
      bytes.catch(() => undefined);
      return bytes;
    },
  };
  const guarded = async <Value>(work: () => Promise<Value>): Promise<Value> => {
    try {
      return await work();
    } catch (cause) {
      if (cause instanceof DataError) throw cause;
      const reason = /ZSTD/.test(reasonOf(cause)) && !zstdDecompressSync ? 'its compression, ZSTD, needs Node 22.15 or later' : reasonOf(cause);
      throw new DataError('bad-format', `${file.place} cannot be read as Parquet (${reason}); write it again, or download it again.`, { cause });
    }
  };
  const metadata = await guarded(() => hyparquet.parquetMetadataAsync(buffer, { geoparquet: false }));
  const strange = metadata.row_groups.find(({ num_rows: rows }) => rows < 0n || rows > MAX_GROUP_ROWS);
  if (strange) {
    throw new DataError('bad-format', `${file.place} declares a row group of ${strange.num_rows} rows; it is damaged, or write it with row groups of 100 to 1000 images.`);
  }
  const column: ParquetFile['column'] = async (name, start, end) => {
    let first = 0;
    for (const group of metadata.row_groups) {
      const next = first + Number(group.num_rows);
      const bytes = columnBytes(group, name);
      if (first < end && next > start && bytes > MAX_GROUP_BYTES) {
        const message = `${file.place} has a row group with ${bytes} bytes of "${name}", more than ${MAX_GROUP_BYTES}; write it with row groups of 100 to 1000 images.`;
        throw new DataError('too-large', message);
      }
      first = next;
    }
    const rows = await guarded(() =>
      hyparquet.parquetReadObjects({ file: buffer, metadata, columns: [name], rowStart: start, rowEnd: end, utf8: false, geoparquet: false, compressors }),
    );
    if (rows.length !== end - start) {
      throw new DataError('bad-format', `${file.place} has ${rows.length} rows where it declares ${end - start}; write it again, or download it again.`);
    }
    return rows.map((row) => row[name] as unknown);
  };
  return { metadata, column };
}
