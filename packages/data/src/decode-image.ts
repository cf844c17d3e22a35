import { DataError, reasonOf } from './error.ts';
import type { Image, ImageSize } from './image.ts';
import { jpegSize } from './jpeg-size.ts';
import type { Sharp } from './load-sharp.ts';

/**
 * True when the file begins like a JPEG, PNG, GIF, TIFF, WebP or AVIF. Anything else is kept from the decoders, which would
 * open more than images: SVG and PDF refer to other files.
 */
function isImage(bytes: Uint8Array): boolean {
  const text = (from: number, to: number): string => String.fromCharCode(...bytes.subarray(from, to));
  if (text(0, 4) === 'RIFF') return text(8, 12) === 'WEBP';
  if (text(4, 8) === 'ftyp') return ['avif', 'avis', 'mif1', 'msf1', 'miaf'].includes(text(8, 12));
  return /^(\xff\xd8\xff|\x89PNG\r\n|GIF8|II[*+]\0|MM\0[*+])/.test(text(0, 8));
}

/** True for the beginning of a JPEG. */
function isJpeg(bytes: Uint8Array): boolean {
  return bytes[0] === 0xff && bytes[1] === 0xd8;
}

/** How files become pixels. */
export interface DecodeOptions {
  /** 3 for RGB (grayscale files get three equal channels), 1 for grayscale (ITU-R 601 luma of RGB files, as in PIL). */
  readonly channels: 1 | 3;
  /** Scale the shorter side to cover this size and crop the centre, or null to keep each image's own size. */
  readonly size: ImageSize | null;
  /**
   * Decode a JPEG at a half, a quarter or an eighth of its size as long as its shorter side keeps this many pixels, or null for
   * always at full size. Not with `size`.
   */
  readonly minSide: number | null;
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

/** The shorter side to decode a JPEG at, or null for its own. */
function reducedSide(bytes: Uint8Array, minSide: number | null): number | null {
  const size = minSide === null ? null : jpegSize(bytes);
  if (minSide === null || !size) return null;
  const side = Math.min(size.height, size.width);
  const by = [8, 4, 2].find((factor) => Math.ceil(side / factor) >= minSide);
  return by === undefined ? null : Math.ceil(side / by);
}

/**
 * Decodes the first frame of an encoded image to 8 bits: EXIF orientation applied, alpha laid over the background,
 * profiles and CMYK converted to sRGB, 16-bit values scaled. Throws what the decoder throws.
 */
export async function decodeImage(sharp: Sharp, bytes: Uint8Array, options: DecodeOptions): Promise<Image> {
  const { channels, size, minSide, maxPixels, background } = options;
  if (!isImage(bytes)) throw new Error('its contents are not JPEG, PNG, WebP, AVIF, TIFF or GIF');
  // `failOn: 'error'` refuses truncated and damaged files, and forgives what decoders only warn of.
  const input = sharp(bytes, { limitInputPixels: maxPixels, failOn: 'error' });
  input.rotate().toColourspace('srgb');
  // A JPEG has nothing transparent, and a pass over its pixels less is worth having.
  if (!isJpeg(bytes)) input.flatten({ background });
  if (size) input.resize(size.width, size.height, { fit: 'cover', position: 'centre', kernel: 'cubic' });
  const side = size ? null : reducedSide(bytes, minSide);
  // By so much that the decoder alone does it, out of the coefficients.
  if (side !== null) input.resize(side, side, { fit: 'outside' });
  const { data, info } = await input.raw({ depth: 'uchar' }).toBuffer({ resolveWithObject: true });
  if (info.channels !== 3) throw new Error(`it decodes to ${info.channels} channels`);
  return { data: channels === 1 ? luma(data) : data, width: info.width, height: info.height, channels };
}

/** The error for an image that `decodeImage` did not decode. */
export function unreadable(name: string, cause: unknown): DataError {
  return new DataError('unreadable-image', `${name} could not be decoded (${reasonOf(cause)}); replace or remove it.`, { cause });
}
