import type { DecodeOptions } from './decode-image.ts';
import { DataError } from './error.ts';
import type { ImageSize } from './image.ts';
import { loadFastJpeg } from './load-fast-jpeg.ts';
import { checkWhole } from './random.ts';

/** How encoded images become pixels. */
export interface DecodeSettings {
  /** 3 for RGB (default), 1 for grayscale: ITU-R 601 luma. */
  readonly channels?: 1 | 3 | undefined;
  /**
   * - a size: every image is scaled to cover it and cropped to its centre
   * - `'uniform'`: the images must all have the size of the first
   * - `'detect'`: a few are looked at; if they have one size, all are brought to it, otherwise each keeps its own
   * - left out: each image keeps its own size
   */
  readonly size?: ImageSize | 'uniform' | 'detect' | undefined;
  /**
   * Decode JPEGs at a half, a quarter or an eighth of their size as long as the shorter side keeps this many pixels: photos of a
   * camera open several times as fast. Four times the side of a view leaves enough for crops of 8 % of the area. Default: full
   * size. It does nothing where `size` is given.
   */
  readonly minSide?: number | undefined;
  /** Refuse images of more pixels than this. Default 50 million. */
  readonly maxPixels?: number | undefined;
  /** The CSS colour behind transparent pixels. Default white. */
  readonly background?: string | undefined;
  /**
   * `'exact'`: JPEGs become the same bytes as in libjpeg, and so in PIL. `'fast'`: by the optional peer `@napi-rs/image`, in about
   * half the time; samples differ by .2/255 on average and seldom by more than 2/255. Files with a colour profile, turned by EXIF, or
   * of other colours than YCbCr are decoded as before. Default `'exact'`.
   */
  readonly jpeg?: 'exact' | 'fast' | undefined;
}

/** The settings with their defaults. Throws a `DataError` `bad-option`, or `missing-dependency` for a decoder that is not there. */
export async function decodeOptions(settings: DecodeSettings): Promise<DecodeOptions> {
  const { channels = 3, size, minSide = null, maxPixels = 50_000_000, background = '#ffffff', jpeg = 'exact' } = settings;
  if (channels !== 1 && channels !== 3) throw new DataError('bad-option', `channels is ${channels}; give 1 for grayscale or 3 for RGB.`);
  checkWhole('maxPixels', maxPixels, 1);
  const target = typeof size === 'object' ? size : null;
  if (target) {
    checkWhole('size.height', target.height, 1);
    checkWhole('size.width', target.width, 1);
  }
  if (minSide !== null) checkWhole('minSide', minSide, 1);
  if (jpeg !== 'exact' && jpeg !== 'fast') throw new DataError('bad-option', `jpeg is ${String(jpeg)}; give 'exact' or 'fast'.`);
  if (jpeg === 'fast') await loadFastJpeg();
  return { channels, size: target, minSide, maxPixels, background, jpeg };
}
