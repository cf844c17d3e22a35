import type { Canvas } from './canvas.ts';

/*
 * No branch below depends on a pixel: colours in a photograph are not predictable, and a mispredicted branch costs more
 * than the whole of the arithmetic. Order and place are looked up instead.
 */

/** By r ≥ g, g ≥ b, r ≥ b as bits 4, 2, 1: place on the circle in sixths = start + direction·q, negative for one. */
const start = Float64Array.of(3, 0, 3, 1, 5, -1, 0, 1);
const direction = Float64Array.of(1, 0, -1, 1, -1, 1, 0, -1);
const wrap = Float64Array.of(0, 0, 0, 0, 0, 1, 0, 0);

/** 1/v, and 0 for 0. Rounded to 32 bits, a/v and a·(1/v) are the same for all 8-bit a and v. */
const reciprocal = Float64Array.from({ length: 256 }, (_, v) => (v === 0 ? 0 : 1 / v));

/** For every 8-bit hue: how the middle channel depends on it, and where high, low and middle go. */
const slope = new Float64Array(256);
const odd = new Int32Array(256);
const highAt = new Uint8Array(256);
const lowAt = new Uint8Array(256);
const middleAt = new Uint8Array(256);
for (let hue = 0; hue < 256; hue++) {
  const place = (hue * 6) / 255;
  const sixth = Math.floor(place) % 6;
  const fraction = Math.fround(place - Math.floor(place));
  odd[hue] = -(sixth & 1);
  slope[hue] = sixth & 1 ? fraction : 1 - fraction;
  highAt[hue] = [0, 1, 1, 2, 2, 0][sixth]!;
  lowAt[hue] = [2, 2, 0, 0, 1, 1][sixth]!;
  middleAt[hue] = 3 - highAt[hue]! - lowAt[hue]!;
}

/** s/255 as a 32-bit float. */
const share = Float32Array.from({ length: 256 }, (_, s) => s / 255);

/**
 * Turns every pixel's hue by `steps`/255 of the circle. Three channels.
 *
 * Goes through 8-bit HSV as Pillow's `convert('HSV')` and torchvision's `adjust_hue` do: hue and saturation truncate to
 * 1/255, and the sum wraps at 256.
 * @see Pillow `src/libImaging/Convert.c`, `rgb2hsv_row` and `hsv2rgb`
 */
export function turnHue(canvas: Canvas, steps: number): void {
  const { data, height, width, table } = canvas;
  const target = canvas.pointwise();
  const samples = height * width * 3;
  const { fround } = Math;
  for (let i = 0; i < samples; i += 3) {
    const red = table[data[i]!]!;
    const green = table[data[i + 1]!]!;
    const blue = table[data[i + 2]!]!;
    const redGreen = (red - green) >> 31;
    const greenBlue = (green - blue) >> 31;
    const redBlue = (red - blue) >> 31;
    const order = (~redGreen & 4) | (~greenBlue & 2) | (~redBlue & 1);
    const least = red - ((red - green) & ~redGreen);
    const most = green + ((red - green) & ~redGreen);
    const high = most + ((blue - most) & ((most - blue) >> 31));
    const low = least + ((blue - least) & ((blue - least) >> 31));
    const chroma = high - low;
    const q = fround((2 * high + low - red - green - blue) * reciprocal[chroma]!);
    const place = fround(start[order]! + direction[order]! * q);
    const hue = (((fround(place * (1 / 6) + wrap[order]!) * 255) | 0) + steps) & 255;

    const saturation = (fround(chroma * reciprocal[high]!) * 255) | 0;
    const strength = share[saturation]!;
    const fall = strength * slope[hue]!;
    const rising = (high * (1 - fall) + 0.5) | 0;
    const falling = (high * (1 - fround(fall)) + 0.5) | 0;
    target[i + highAt[hue]!] = high;
    target[i + lowAt[hue]!] = (high * (1 - strength) + 0.5) | 0;
    target[i + middleAt[hue]!] = rising + ((falling - rising) & odd[hue]!);
  }
  canvas.replace(target, height, width);
}
