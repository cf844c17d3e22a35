import type { ImageSize } from '../image.ts';

/** Output (x, y) reads the input at (a·x + b·y + c, d·x + e·y + f), both measured from pixel corners. */
export type AffineMatrix = readonly [a: number, b: number, c: number, d: number, e: number, f: number];

/** Where every pixel of a warped image comes from, row by row. */
export interface WarpMap {
  /** The pixel that is read, or −1 for none. For `bilinear` the upper left one of four. */
  readonly from: Int32Array;
  /** For `bilinear`: how far the right and the lower neighbour are, in pixels of the image; 0 at its border. */
  readonly right: Int32Array;
  readonly down: Int32Array;
  /** For `bilinear`: the neighbours' shares. */
  readonly dx: Float64Array;
  readonly dy: Float64Array;
}

const none = { right: new Int32Array(0), down: new Int32Array(0), dx: new Float64Array(0), dy: new Float64Array(0) };

/** Towards −∞ for what lies in an image, and negative for what lies before it. */
const whole = (value: number): number => (value < 0 ? -1 : Math.trunc(value));

/** Without rotation and shear, Pillow adds up in floating point; rows and columns are independent. */
function scaledMap([a, , c, , e, f]: AffineMatrix, { height, width }: ImageSize): Int32Array {
  const places = (start: number, step: number, length: number): readonly number[] => {
    let at = start + step * 0.5;
    return Array.from({ length }, () => {
      const place = whole(at);
      at += step;
      return place < length ? place : -1;
    });
  };
  const columns = places(c, a, width);
  const rows = places(f, e, height);
  const from = new Int32Array(height * width);
  rows.forEach((row, y) => {
    columns.forEach((column, x) => {
      from[y * width + x] = row < 0 || column < 0 ? -1 : row * width + column;
    });
  });
  return from;
}

/** Otherwise it adds up in fixed point, with 16 bits after the point. */
function fixedMap([a, b, c, d, e, f]: AffineMatrix, { height, width }: ImageSize): Int32Array {
  const fixed = (value: number): number => Math.floor(value * 65536 + 0.5);
  const [stepX, stepY, rowX, rowY] = [fixed(a), fixed(d), fixed(b), fixed(e)];
  const startX = fixed(c + a * 0.5 + b * 0.5);
  const startY = fixed(f + d * 0.5 + e * 0.5);
  const from = new Int32Array(height * width);
  for (let y = 0, i = 0; y < height; y++) {
    let atX = startX + y * rowX;
    let atY = startY + y * rowY;
    for (let x = 0; x < width; x++, i++, atX += stepX, atY += stepY) {
      const column = Math.floor(atX / 65536);
      const row = Math.floor(atY / 65536);
      from[i] = column >= 0 && column < width && row >= 0 && row < height ? row * width + column : -1;
    }
  }
  return from;
}

/**
 * The map of an affine transformation that keeps the image's size.
 *
 * @see Pillow `src/libImaging/Geometry.c`, `ImagingTransformAffine`: the same arithmetic, so the same pixels
 */
export function nearestMap(matrix: AffineMatrix, size: ImageSize): WarpMap {
  return { from: matrix[1] === 0 && matrix[3] === 0 ? scaledMap(matrix, size) : fixedMap(matrix, size), ...none };
}

/** The map of an affine transformation that keeps the image's size, with four neighbours. What starts outside of the image stays outside. */
export function bilinearMap([a, b, c, d, e, f]: AffineMatrix, { height, width }: ImageSize): WarpMap {
  const pixels = height * width;
  const map = { from: new Int32Array(pixels), right: new Int32Array(pixels), down: new Int32Array(pixels), dx: new Float64Array(pixels), dy: new Float64Array(pixels) };
  for (let y = 0, i = 0; y < height; y++) {
    for (let x = 0; x < width; x++, i++) {
      const atX = a * (x + 0.5) + b * (y + 0.5) + c;
      const atY = d * (x + 0.5) + e * (y + 0.5) + f;
      if (!(atX >= 0 && atX < width && atY >= 0 && atY < height)) {
        map.from[i] = -1;
        continue;
      }
      const column = Math.floor(atX - 0.5);
      const row = Math.floor(atY - 0.5);
      map.from[i] = Math.max(0, row) * width + Math.max(0, column);
      // Half a pixel before the first one, both neighbours are the first.
      map.right[i] = column >= 0 && column + 1 < width ? 1 : 0;
      map.down[i] = row >= 0 && row + 1 < height ? width : 0;
      map.dx[i] = atX - 0.5 - column;
      map.dy[i] = atY - 0.5 - row;
    }
  }
  return map;
}
