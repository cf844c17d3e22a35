import { readFile } from 'node:fs/promises';
import { checkIndex } from './array-source.ts';
import { decodeImage, unreadable, type DecodeOptions } from './decode-image.ts';
import { DataError } from './error.ts';
import type { Image } from './image.ts';
import type { Sharp } from './load-sharp.ts';
import { stringAt } from './packed-strings.ts';
import type { ImageFiles, ReadImage, SourceOrigin } from './origin.ts';

/** Reads and decodes one file. Throws a `DataError` `unreadable-image` when either fails. */
export async function decodeFile(sharp: Sharp, file: string, decode: DecodeOptions): Promise<Image> {
  try {
    return await decodeImage(sharp, await readFile(file), decode);
  } catch (cause) {
    throw unreadable(file, cause);
  }
}

/** Reads image files by index. */
export function readImageFiles(sharp: Sharp, images: ImageFiles): ReadImage {
  const { name, files, paths, decode, size } = images;
  const read = async (index: number): Promise<Image> => {
    checkIndex(name, index, files.ends.length);
    const image = await decodeFile(sharp, stringAt(files, index), decode);
    if (size && (image.width !== size.width || image.height !== size.height)) {
      const sizes = `${image.height}×${image.width}, not ${size.height}×${size.width} as ${stringAt(paths, 0)}`;
      const message = `${stringAt(paths, index)} is ${sizes}; give imageFolder a size such as { height: 224, width: 224 } to make them equal.`;
      throw new DataError('mismatch', message);
    }
    return image;
  };
  const origin: SourceOrigin = { kind: 'files', files: images };
  return Object.assign(read, { origin });
}
