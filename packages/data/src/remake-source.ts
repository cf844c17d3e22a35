import { arraySource } from './array-source.ts';
import { DataError } from './error.ts';
import { readImageFiles } from './image-files.ts';
import { readImageRanges } from './image-ranges.ts';
import type { ImageSource } from './image.ts';
import { loadHyparquet } from './load-hyparquet.ts';
import { loadSharp } from './load-sharp.ts';
import { callModule } from './module-call.ts';
import { readCached } from './pixel-cache.ts';
import { readParquetImages } from './parquet-images.ts';
import { readPixelRows } from './pixel-rows.ts';
import type { ReadImage, SourceOrigin } from './origin.ts';

/** What reads the images of `origin`. */
export async function remakeRead(origin: SourceOrigin): Promise<ReadImage> {
  switch (origin.kind) {
    case 'array':
      return arraySource(origin.options).read;
    case 'files':
      return readImageFiles(await loadSharp(), origin.files);
    case 'ranges':
      return readImageRanges(await loadSharp(), origin.ranges);
    case 'rows':
      return readPixelRows(origin.rows);
    case 'parquet':
      return readParquetImages(await loadHyparquet(), await loadSharp(), origin.parquet);
    case 'subset': {
      const read = await remakeRead(origin.of);
      return (index) => read(origin.indices[index]!);
    }
    case 'cached':
      return readCached(await remakeRead(origin.of), origin.arena, origin.channels);
    case 'module': {
      const source = (await callModule(origin.call)) as Partial<ImageSource> | null;
      if (typeof source?.read === 'function') return source.read;
      throw new DataError('bad-option', `${origin.call.export} of ${origin.call.module} answered no ImageSource; it must have read(index).`);
    }
  }
}

/** The same origin with its pixels in memory that threads share, so that each of them does not get a copy. */
export function sharedOrigin(origin: SourceOrigin): SourceOrigin {
  if (origin.kind === 'subset' || origin.kind === 'cached') return { ...origin, of: sharedOrigin(origin.of) };
  if (origin.kind !== 'array' || origin.options.images.buffer instanceof SharedArrayBuffer) return origin;
  const images = new Uint8Array(new SharedArrayBuffer(origin.options.images.length));
  images.set(origin.options.images);
  return { kind: 'array', options: { ...origin.options, images } };
}
