import { checkIndex } from './array-source.ts';
import type { Image } from './image.ts';
import { reopenBytes } from './open-bytes.ts';
import type { PixelRows, ReadImage, SourceOrigin } from './origin.ts';

/** Reads images that lie one after another in a file, as pixels. */
export function readPixelRows(rows: PixelRows): ReadImage {
  const { name, file, start, length, height, width, channels } = rows;
  const opened = reopenBytes(file);
  const bytes = height * width * channels;
  const read = async (index: number): Promise<Image> => {
    checkIndex(name, index, length);
    const at = start + index * bytes;
    return { data: await opened.read(at, at + bytes), height, width, channels };
  };
  const origin: SourceOrigin = { kind: 'rows', rows };
  return Object.assign(read, { origin });
}
