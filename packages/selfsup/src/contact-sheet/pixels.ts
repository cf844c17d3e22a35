import type { Image } from '@selfsup/augment';

export type Rgb = readonly [red: number, green: number, blue: number];

/** An RGB picture to draw on. What falls outside of it is left out. */
export interface Pixels {
  readonly width: number;
  readonly height: number;
  readonly data: Uint8Array;
  readonly blend: (x: number, y: number, color: Rgb, opacity: number) => void;
  /** Puts an image, each of its pixels `scale` × `scale` large. */
  readonly put: (image: Image, x: number, y: number, scale: number) => void;
  readonly frame: (x: number, y: number, width: number, height: number, color: Rgb) => void;
  readonly fill: (x: number, y: number, width: number, height: number, color: Rgb) => void;
}

/** The first three channels of a pixel, and of fewer the first for all. */
export function rgbAt({ data, width, channels }: Image, x: number, y: number): Rgb {
  const at = (y * width + x) * channels;
  return channels >= 3 ? [data[at]!, data[at + 1]!, data[at + 2]!] : [data[at]!, data[at]!, data[at]!];
}

/** A picture of one colour. */
export function createPixels(width: number, height: number, background: Rgb): Pixels {
  const data = new Uint8Array(width * height * 3);
  const blend: Pixels['blend'] = (x, y, color, opacity) => {
    if (x < 0 || y < 0 || x >= width || y >= height) return;
    const at = (y * width + x) * 3;
    for (let channel = 0; channel < 3; channel++) data[at + channel] = Math.round(data[at + channel]! * (1 - opacity) + color[channel]! * opacity);
  };
  const fill: Pixels['fill'] = (x, y, wide, high, color) => {
    for (let row = y; row < y + high; row++) for (let column = x; column < x + wide; column++) blend(column, row, color, 1);
  };
  const frame: Pixels['frame'] = (x, y, wide, high, color) => {
    fill(x, y, wide, 2, color);
    fill(x, y + high - 2, wide, 2, color);
    fill(x, y, 2, high, color);
    fill(x + wide - 2, y, 2, high, color);
  };
  const put: Pixels['put'] = (image, x, y, scale) => {
    for (let row = 0; row < image.height; row++) {
      for (let column = 0; column < image.width; column++) {
        fill(x + column * scale, y + row * scale, scale, scale, rgbAt(image, column, row));
      }
    }
  };
  fill(0, 0, width, height, background);
  return { width, height, data, blend, put, frame, fill };
}
