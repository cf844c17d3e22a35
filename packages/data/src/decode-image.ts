import { DataError, reasonOf } from './error.ts';
import type { Image, ImageSize } from './image.ts';
import { jpegHeader, type JpegHeader } from './jpeg-header.ts';
import { loadFastJpeg } from './load-fast-jpeg.ts';
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
  /** Which decoder reads JPEGs that need nothing but decoding. */
  readonly jpeg: 'exact' | 'fast';
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
function reducedSide(jpeg: JpegHeader | null, minSide: number | null): number | null {
  if (minSide === null || !jpeg) return null;
  const side = Math.min(jpeg.height, jpeg.width);
  const by = [8, 4, 2].find((factor) => Math.ceil(side / factor) >= minSide);
  return by === undefined ? null : Math.ceil(side / by);
}

/** By the fast decoder, or null where the file needs more than that or it fails: then the other one decides. */
async function decodeFast(bytes: Uint8Array, { height, width, plain }: JpegHeader, options: DecodeOptions): Promise<Image | null> {
  const { channels, size, maxPixels } = options;
  const fits = size === null || (size.height === height && size.width === width);
  if (!plain || !fits || height * width > maxPixels) return null;
  const decode = await loadFastJpeg();
  const rgb = await decode(bytes).catch(() => null);
  if (rgb?.length !== height * width * 3) return null;
  return { data: channels === 1 ? luma(rgb) : rgb, width, height, channels };
}

/**
 * Decodes the first frame of an encoded image to 8 bits: EXIF orientation applied, alpha laid over the background,
 * profiles and CMYK converted to sRGB, 16-bit values scaled. Throws what the decoder throws.
 */
export async function decodeImage(sharp: Sharp, bytes: Uint8Array, options: DecodeOptions): Promise<Image> {
  const { channels, size, minSide, maxPixels, background, jpeg } = options;
  if (bytes.length === 0) throw new Error('it is empty');
  if (!isImage(bytes)) throw new Error('its contents are not JPEG, PNG, WebP, AVIF, TIFF or GIF');
  const header = jpegHeader(bytes);
  const side = size ? null : reducedSide(header, minSide);
  const fast = jpeg === 'fast' && header && side === null ? await decodeFast(bytes, header, options) : null;
  if (fast) return fast;
  // `failOn: 'error'` refuses truncated and damaged files, and forgives what decoders only warn of.
  const input = sharp(bytes, { limitInputPixels: maxPixels, failOn: 'error' });
  input.rotate().toColourspace('srgb');
  // A JPEG has nothing transparent, and a pass over its pixels less is worth having.
  if (!header) input.flatten({ background });
  if (size) input.resize(size.width, size.height, { fit: 'cover', position: 'centre', kernel: 'cubic' });
  // By so much that the decoder alone does it, out of the coefficients.
  if (side !== null) input.resize(side, side, { fit: 'outside' });
  const { data, info } = await input.raw({ depth: 'uchar' }).toBuffer({ resolveWithObject: true });
  if (info.channels !== 3) throw new Error(`it decodes to ${info.channels} channels`);
  return { data: channels === 1 ? luma(data) : data, width: info.width, height: info.height, channels };
}

/** The error for an image that `decodeImage` did not decode. */
export function unreadable(name: string, cause: unknown): DataError {
  // libvips collects the messages of all threads: what follows the first line may be of another image.
  const line = reasonOf(cause).trim().split('\n')[0]!.replace(/:$/, '');
  // Another thread may have taken the message before it was asked for.
  const reason = line === 'Unknown error' ? 'its data are damaged' : line;
  return new DataError('unreadable-image', `${name} could not be decoded (${reason}); replace or remove it.`, { cause });
}
