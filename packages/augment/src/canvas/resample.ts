import type { Canvas } from './canvas.ts';
import { resampleTaps, weightBits } from './filter.ts';
import type { Interpolation, Taps } from './filter.ts';
import type { Box } from './kernels.ts';

const half = 1 << (weightBits - 1);

/** Columns already resized, rows not yet. Grows to the largest image seen; rendering is synchronous, so one will do. */
let between = new Uint8Array(0);

/**
 * Cuts `box` out and resizes it to height × width, as Pillow does: columns first, then rows, 8 bits in between.
 * Pixels outside of the box never count.
 */
export function cropAndResize(
  canvas: Canvas,
  box: Box,
  { height, width }: { readonly height: number; readonly width: number },
  interpolation: Interpolation,
): void {
  canvas.settle();
  const { channels } = canvas;
  const stride = width * channels;
  if (between.length < box.height * stride) between = new Uint8Array(box.height * stride);
  const target = canvas.scratch(height * stride);
  const columns = resampleTaps(box.width, width, interpolation);
  if (channels === 3) resizeColorColumns(canvas, box, columns, between);
  else resizeColumns(canvas, box, columns, between);
  resizeRows(between, resampleTaps(box.height, height, interpolation), stride, target);
  canvas.replace(target, height, width);
}

/** The sum's whole part, cut off to 0–255; without branches, as overshoot is not predictable. */
function clamp8(sum: number): number {
  const value = sum >> weightBits;
  const excess = value - 255;
  return (value - (excess & ~(excess >> 31))) & ~(value >> 31);
}

function resizeColumns({ data, channels, width }: Canvas, box: Box, taps: Taps, target: Uint8Array): void {
  const { first, count, weights, span } = taps;
  let to = 0;
  for (let y = 0; y < box.height; y++) {
    const row = ((box.top + y) * width + box.left) * channels;
    for (let x = 0; x < first.length; x++) {
      const n = count[x]!;
      const at = x * span;
      for (let c = 0; c < channels; c++) {
        let sum = half;
        for (let k = 0, from = row + first[x]! * channels + c; k < n; k++, from += channels) {
          sum = (sum + Math.imul(data[from]!, weights[at + k]!)) | 0;
        }
        target[to++] = clamp8(sum);
      }
    }
  }
}

/** `resizeColumns` for three channels: every weight is read once for all three. */
function resizeColorColumns({ data, width }: Canvas, box: Box, taps: Taps, target: Uint8Array): void {
  const { first, count, weights, span } = taps;
  let to = 0;
  for (let y = 0; y < box.height; y++) {
    const row = ((box.top + y) * width + box.left) * 3;
    for (let x = 0, at = 0; x < first.length; x++, at += span, to += 3) {
      let from = row + first[x]! * 3;
      const end = from + count[x]! * 3;
      let w = weights[at]!;
      let red = (half + Math.imul(data[from]!, w)) | 0;
      let green = (half + Math.imul(data[from + 1]!, w)) | 0;
      let blue = (half + Math.imul(data[from + 2]!, w)) | 0;
      let k = at;
      for (from += 3; from < end; from += 3) {
        w = weights[++k]!;
        red = (red + Math.imul(data[from]!, w)) | 0;
        green = (green + Math.imul(data[from + 1]!, w)) | 0;
        blue = (blue + Math.imul(data[from + 2]!, w)) | 0;
      }
      target[to] = clamp8(red);
      target[to + 1] = clamp8(green);
      target[to + 2] = clamp8(blue);
    }
  }
}

function resizeRows(
  source: Uint8Array,
  { first, count, weights, span, overshoots }: Taps,
  stride: number,
  target: Uint8Array,
): void {
  let to = 0;
  for (let y = 0; y < first.length; y++) {
    const start = first[y]! * stride;
    const end = start + stride;
    const n = count[y]!;
    const at = y * span;
    const w0 = weights[at]!;
    const w1 = weights[at + 1]!;
    // Two taps enlarge bilinearly, four bicubically: the cases of small images, worth a loop of their own.
    if (n === 2 && !overshoots) {
      for (let i = start, j = start + stride; i < end; i++, j++) {
        target[to++] = (half + Math.imul(source[i]!, w0) + Math.imul(source[j]!, w1)) >> weightBits;
      }
    } else if (n === 4) {
      const w2 = weights[at + 2]!;
      const w3 = weights[at + 3]!;
      for (let i = start, j = i + stride, k = j + stride, l = k + stride; i < end; i++, j++, k++, l++) {
        const near = (half + Math.imul(source[j]!, w1) + Math.imul(source[k]!, w2)) | 0;
        target[to++] = clamp8((near + Math.imul(source[i]!, w0) + Math.imul(source[l]!, w3)) | 0);
      }
    } else {
      for (let i = start; i < end; i++) {
        let sum = half;
        for (let k = 0, from = i; k < n; k++, from += stride) {
          sum = (sum + Math.imul(source[from]!, weights[at + k]!)) | 0;
        }
        target[to++] = clamp8(sum);
      }
    }
  }
}
