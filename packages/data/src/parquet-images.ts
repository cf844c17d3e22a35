import { checkIndex } from './array-source.ts';
import { decodeImage, unreadable } from './decode-image.ts';
import type { Image } from './image.ts';
import { checkSize } from './image-ranges.ts';
import type { Hyparquet } from './load-hyparquet.ts';
import type { Sharp } from './load-sharp.ts';
import { reopenBytes } from './open-bytes.ts';
import type { ParquetImages, ReadImage, SourceOrigin } from './origin.ts';
import { openParquet, type ParquetFile } from './parquet-file.ts';

/** A row group that was read or is being read. */
interface Group {
  readonly values: Promise<readonly unknown[]>;
  bytes: number;
}

/** An image as the column holds it: a struct of bytes and path, or bytes alone. */
function cell(value: unknown): { readonly bytes: Uint8Array | null; readonly path: string | null } {
  if (value instanceof Uint8Array) return { bytes: value, path: null };
  const { bytes, path } = (value ?? {}) as { readonly bytes?: unknown; readonly path?: unknown };
  return { bytes: bytes instanceof Uint8Array ? bytes : null, path: typeof path === 'string' ? path : null };
}

/** The last of `starts` (ascending) that is at most `row`. */
function groupOf(starts: readonly number[], row: number): number {
  let low = 0;
  let high = starts.length - 1;
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if (starts[middle]! <= row) low = middle;
    else high = middle - 1;
  }
  return low;
}

/** Reads images out of Parquet files. A row group is decoded as a whole, and kept while `cacheBytes` allow. */
export function readParquetImages(hyparquet: Hyparquet, sharp: Sharp, images: ParquetImages): ReadImage {
  const { name, files, column, groups, length, cacheBytes, decode, size } = images;
  const opened = new Map<number, Promise<ParquetFile>>();
  const cache = new Map<number, Group>();
  const starts = groups.map(({ first }) => first);
  let held = 0;
  // One group after another: batches ask for many at once, which together may not fit.
  let last: Promise<unknown> = Promise.resolve();

  const load = async (number: number): Promise<readonly unknown[]> => {
    const { file, start, rows } = groups[number]!;
    const table = opened.get(file) ?? openParquet(hyparquet, reopenBytes(files[file]!));
    opened.set(file, table);
    const values = await (await table).column(column, start, start + rows);
    const bytes = values.reduce<number>((sum, value) => sum + (cell(value).bytes?.length ?? 0), 0);
    const group = cache.get(number);
    if (group) group.bytes = bytes;
    held += bytes;
    for (const [other, { bytes: freed }] of cache) {
      if (held <= cacheBytes) break;
      // Those still being read have no bytes yet; they are about to be used.
      if (other === number || freed === 0) continue;
      cache.delete(other);
      held -= freed;
    }
    return values;
  };
  const valuesOf = (number: number): Promise<readonly unknown[]> => {
    const known = cache.get(number);
    // Moved to the end: the first in the map is the one that was not used for longest.
    if (known) cache.delete(number);
    const group: Group = known ?? { values: last.then(() => load(number)), bytes: 0 };
    cache.set(number, group);
    if (!known) {
      last = group.values.catch(() => {
        // What failed may be tried again: a server may be back.
        cache.delete(number);
        opened.delete(groups[number]!.file);
      });
    }
    return group.values;
  };

  const read = async (index: number): Promise<Image> => {
    checkIndex(name, index, length);
    const number = groupOf(starts, index);
    const { file, start, first } = groups[number]!;
    const { bytes, path } = cell((await valuesOf(number))[index - first]);
    const place = `row ${start + index - first} of ${files[file]!.place}`;
    const label = path === null ? `The image in ${place}` : `${path} (${place})`;
    let image: Image;
    try {
      if (!bytes) throw new Error(path === null ? 'there is none' : 'the file has its path and not its bytes');
      image = await decodeImage(sharp, bytes, decode);
    } catch (cause) {
      throw unreadable(label, cause);
    }
    await checkSize(image, size, () => label);
    return image;
  };
  const origin: SourceOrigin = { kind: 'parquet', parquet: images };
  return Object.assign(read, { origin });
}
