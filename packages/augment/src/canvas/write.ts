import { identityTable } from './canvas.ts';
import type { Canvas } from './canvas.ts';

let composed = new Float32Array(0);

/** `values` after the pending tone curve: `[channels, 256]`. */
export function toned({ table }: Canvas, values: Float32Array): Float32Array {
  if (table === identityTable) return values;
  if (composed.length !== values.length) composed = new Float32Array(values.length);
  for (let base = 0; base < values.length; base += 256) {
    for (let v = 0; v < 256; v++) composed[base + v] = values[base + table[v]!]!;
  }
  return composed;
}

/** Writes the picture as floats: `out[i] = values[channel, sample]`, pending tone curve and mirroring included. */
export function writeFloats(canvas: Canvas, values: Float32Array, out: Float32Array): void {
  const { data, height, width, channels, mirrored } = canvas;
  const lookup = toned(canvas, values);
  const stride = width * channels;
  const step = mirrored ? -channels : channels;
  let to = 0;
  for (let y = 0; y < height; y++) {
    let from = y * stride + (mirrored ? stride - channels : 0);
    if (channels === 3) {
      for (let x = 0; x < width; x++, from += step, to += 3) {
        out[to] = lookup[data[from]!]!;
        out[to + 1] = lookup[256 + data[from + 1]!]!;
        out[to + 2] = lookup[512 + data[from + 2]!]!;
      }
    } else {
      for (let x = 0; x < width; x++, from += step) {
        for (let c = 0; c < channels; c++) out[to++] = lookup[c * 256 + data[from + c]!]!;
      }
    }
  }
}
