import { AugmentError } from './error.ts';

/** Height and width in pixels. */
export interface ImageSize {
  readonly height: number;
  readonly width: number;
}

/** A decoded image: 8-bit samples, `[height, width, channels]`, row by row. */
export interface Image extends ImageSize {
  readonly data: Uint8Array | Uint8ClampedArray;
  readonly channels: number;
}

/** A side in pixels for a square, or both sides. */
export type SizeOption = number | ImageSize;

/** Reads a size option; throws `invalid-option` unless both sides are positive integers. */
export function toSize(size: SizeOption, owner: string): ImageSize {
  // Left out in JavaScript, it is undefined.
  const { height, width } = typeof size === 'object' ? size : { height: size, width: size };
  if (!Number.isInteger(height) || !Number.isInteger(width) || height < 1 || width < 1) {
    throw new AugmentError(
      'invalid-option',
      `${owner} was given the size ${height}×${width}; give positive whole numbers of pixels.`,
    );
  }
  return { height, width };
}

/** Throws `invalid-image` unless the sides are positive integers that account for every sample. */
export function checkImage(image: Image): void {
  const { height, width, channels, data } = image;
  const whole = Number.isInteger(height) && Number.isInteger(width) && Number.isInteger(channels);
  if (!whole || height < 1 || width < 1 || channels < 1) {
    throw new AugmentError(
      'invalid-image',
      `The image is ${height}×${width}×${channels}; height, width and channels must be positive whole numbers.`,
    );
  }
  if (data.length !== height * width * channels) {
    throw new AugmentError(
      'invalid-image',
      `The image is ${height}×${width}×${channels} but has ${data.length} samples; give ${height * width * channels}, as 8-bit height × width × channels.`,
    );
  }
}
