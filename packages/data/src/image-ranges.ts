import { checkIndex } from './array-source.ts';
import type { ByteFile } from './byte-file.ts';
import { decodeImage, unreadable } from './decode-image.ts';
import { DataError } from './error.ts';
import type { Image, ImageSize } from './image.ts';
import type { Sharp } from './load-sharp.ts';
import { reopenBytes } from './open-bytes.ts';
import type { ImageRanges, ReadImage, SourceOrigin } from './origin.ts';
import { tarEntries } from './tar.ts';

/** An encoded image of more bytes is none. */
const MAX_IMAGE_BYTES = 2 ** 28;

/** What to call an image in errors: names are not kept, so that memory does not grow with them. */
async function nameOf(file: ByteFile, header: number): Promise<string> {
  for await (const { path } of tarEntries(file, header)) return `${path} in ${file.place}`;
  return `Byte ${header} of ${file.place}`;
}

/** Throws a `DataError` unless the image has the size of all. */
export async function checkSize(image: Image, size: ImageSize | null, name: () => string | Promise<string>): Promise<void> {
  if (!size || (image.width === size.width && image.height === size.height)) return;
  const message =
    `${await name()} is ${image.height}×${image.width}, not ${size.height}×${size.width} as the first; ` +
    'open the set with a size such as { height: 224, width: 224 } to make them equal.';
  throw new DataError('mismatch', message);
}

/** Reads encoded images that are ranges of larger files. */
export function readImageRanges(sharp: Sharp, images: ImageRanges): ReadImage {
  const { name, files, file, header, offset, bytes, decode, size } = images;
  const opened = files.map(reopenBytes);
  const read = async (index: number): Promise<Image> => {
    checkIndex(name, index, file.length);
    const shard = opened[file[index]!]!;
    const start = offset[index]!;
    const length = bytes[index]!;
    const isSane = length <= MAX_IMAGE_BYTES;
    const encoded = await shard.read(start, isSane ? start + length : start);
    let image: Image;
    try {
      if (!isSane) throw new Error(`it has ${length} bytes`);
      image = await decodeImage(sharp, encoded, decode);
    } catch (cause) {
      throw unreadable(await nameOf(shard, header[index]!), cause);
    }
    await checkSize(image, size, () => nameOf(shard, header[index]!));
    return image;
  };
  const origin: SourceOrigin = { kind: 'ranges', ranges: images };
  return Object.assign(read, { origin });
}
