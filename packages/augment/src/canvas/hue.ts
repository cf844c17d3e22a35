import type { Canvas } from './canvas.ts';

/** For every 8-bit hue: which sixth of the colour circle it is in, and how far into it. */
const sixth = new Uint8Array(256);
const fraction = new Float32Array(256);
for (let hue = 0; hue < 256; hue++) {
  const position = (hue * 6) / 255;
  sixth[hue] = Math.floor(position) % 6;
  fraction[hue] = position - Math.floor(position);
}

/**
 * Turns every pixel's hue by `turn` of the circle. Three channels.
 *
 * Goes through 8-bit HSV as Pillow's `convert('HSV')` and torchvision's `adjust_hue` do: hue and saturation truncate to
 * 1/255, the turn truncates to whole steps of 1/255, and the sum wraps at 256.
 * @see Pillow `src/libImaging/Convert.c`, `rgb2hsv_row` and `hsv2rgb`
 */
export function adjustHue(canvas: Canvas, turn: number): void {
  const { data, height, width, table } = canvas;
  const target = canvas.pointwise();
  const samples = height * width * 3;
  const steps = Math.trunc(turn * 255);
  const { fround } = Math;
  for (let i = 0; i < samples; i += 3) {
    const red = table[data[i]!]!;
    const green = table[data[i + 1]!]!;
    const blue = table[data[i + 2]!]!;
    const high = Math.max(red, green, blue);
    const low = Math.min(red, green, blue);
    const chroma = high - low;
    const saturation = chroma === 0 ? 0 : (fround(chroma / high) * 255) | 0;
    if (saturation === 0) {
      target[i] = high;
      target[i + 1] = high;
      target[i + 2] = high;
      continue;
    }
    const r = fround((high - red) / chroma);
    const g = fround((high - green) / chroma);
    const b = fround((high - blue) / chroma);
    const position = fround(red === high ? b - g : green === high ? 2 + r - b : 4 + g - r);
    const circle = fround((position / 6 + 1) % 1);
    const hue = (((circle * 255) | 0) + steps) & 255;

    const strength = fround(saturation / 255);
    const f = fraction[hue]!;
    const floor = (high * (1 - strength) + 0.5) | 0;
    const falling = (high * (1 - fround(strength * f)) + 0.5) | 0;
    const rising = (high * (1 - strength * (1 - f)) + 0.5) | 0;
    switch (sixth[hue]) {
      case 0:
        target[i] = high;
        target[i + 1] = rising;
        target[i + 2] = floor;
        break;
      case 1:
        target[i] = falling;
        target[i + 1] = high;
        target[i + 2] = floor;
        break;
      case 2:
        target[i] = floor;
        target[i + 1] = high;
        target[i + 2] = rising;
        break;
      case 3:
        target[i] = floor;
        target[i + 1] = falling;
        target[i + 2] = high;
        break;
      case 4:
        target[i] = rising;
        target[i + 1] = floor;
        target[i + 2] = high;
        break;
      default:
        target[i] = high;
        target[i + 1] = floor;
        target[i + 2] = falling;
    }
  }
  canvas.replace(target, height, width);
}
