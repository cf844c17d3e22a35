import { identityTable } from './canvas.ts';
import type { Canvas } from './canvas.ts';

/** Applies the pending tone curve, and the pending mirroring too when `unmirror`. */
export function settle(canvas: Canvas, unmirror: boolean): void {
  const { data, height, width, channels, table } = canvas;
  const turn = unmirror && canvas.mirrored;
  if (!turn && table === identityTable) return;
  const samples = height * width * channels;
  if (turn) {
    const target = canvas.scratch(samples);
    const stride = width * channels;
    for (let row = 0; row < samples; row += stride) {
      let to = row;
      for (let from = row + stride - channels; from >= row; from -= channels) {
        for (let c = 0; c < channels; c++) target[to++] = table[data[from + c]!]!;
      }
    }
    canvas.mirrored = false;
    canvas.replace(target, height, width);
  } else {
    const target = canvas.pointwise();
    for (let i = 0; i < samples; i++) target[i] = table[data[i]!]!;
    canvas.replace(target, height, width);
  }
}
