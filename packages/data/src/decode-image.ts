import { DataError, reasonOf } from './error.ts';
import type { Image, ImageSize } from './image.ts';
import type { Sharp } from './load-sharp.ts';

/** Formats by the file's contents, whatever its name. AVIF is `heif` to sharp. */
const FORMATS: ReadonlySet<string> = new Set(['jpeg', 'png', 'webp', 'heif', 'tiff', 'gif']);

/** How files become pixels. */
export interface DecodeOptions {
  /** 3 for RGB (grayscale files get three equal channels), 1 for grayscale (ITU-R 601 luma of RGB files, as in PIL). */
  readonly channels: 1 | 3;
  /** Scale the shorter side to cover this size and crop the centre, or null to keep each image's own size. */
  readonly size: ImageSize | null;
  /** Refuse files of more pixels than this before decoding them. */
  readonly maxPixels: number;
  /** What shows through transparent pixels: a CSS colour. */
  readonly background: string;
}

/** PIL's `convert('L')`: (19595·R + 38470·G + 7471·B + 2^15) / 2^16, ITU-R 601 luma of gamma-coded values. */
function luma(rgb: Uint8Array): Uint8Array {
  const gray = new Uint8Array(rgb.length / 3);
  for (let pixel = 0, at = 0; pixel < gray.length; pixel++, at += 3) {
    gray[pixel] = (19595 * rgb[at]! + 38470 * rgb[at + 1]! + 7471 * rgb[at + 2]! + 0x8000) >> 16;
  }
  return gray;
}

/**
 * Decodes the first frame of an image file to 8 bits: EXIF orientation applied, alpha laid over the background,
 * profiles and CMYK converted to sRGB, 16-bit values scaled.
 *
 * @throws DataError `unreadable-image`, naming the file
 */
export async function decodeImage(sharp: Sharp, file: string, options: DecodeOptions): Promise<Image> {
  const { channels, size, maxPixels, background } = options;
  try {
    // `failOn: 'error'` refuses truncated and damaged files, and forgives what decoders only warn of.
    const input = sharp(file, { limitInputPixels: maxPixels, failOn: 'error' });
    const { format } = await input.metadata();
    if (!FORMATS.has(format)) throw new Error(`its contents are ${format}, not one of ${[...FORMATS].join(', ')}`);
    input.rotate().flatten({ background }).toColourspace('srgb');
    if (size) input.resize(size.width, size.height, { fit: 'cover', position: 'centre', kernel: 'cubic' });
    const { data, info } = await input.raw({ depth: 'uchar' }).toBuffer({ resolveWithObject: true });
    if (info.channels !== 3) throw new Error(`it decodes to ${info.channels} channels`);
    return { data: channels === 1 ? luma(data) : data, width: info.width, height: info.height, channels };
  } catch (cause) {
    const message = `${file} could not be decoded (${reasonOf(cause)}); replace or remove it.`;
    throw new DataError('unreadable-image', message, { cause });
  }
}
