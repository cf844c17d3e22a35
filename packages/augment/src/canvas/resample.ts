import type { Canvas } from './canvas.ts';
import { resampleTaps, weightBits } from './filter.ts';
import type { Interpolation, Taps } from './filter.ts';

/** A rectangle of whole pixels. */
export type Box = {
  readonly top: number;
  readonly left: number;
  readonly height: number;
  readonly width: number;
};

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
  const stride = width * canvas.channels;
  if (between.length < box.height * stride) between = new Uint8Array(box.height * stride);
  const target = canvas.scratch(height * stride);
  resizeColumns(canvas, box, resampleTaps(box.width, width, interpolation), between);
  resizeRows(between, resampleTaps(box.height, height, interpolation), stride, target);
  canvas.replace(target, height, width);
}

function clamp8(sum: number): number {
  const value = sum >> weightBits;
  return value < 0 ? 0 : value > 255 ? 255 : value;
}

function resizeColumns(canvas: Canvas, box: Box, taps: Taps, target: Uint8Array): void {
  const { data, channels } = canvas;
  const { first, count, weights, span } = taps;
  const width = first.length;
  let to = 0;
  for (let y = 0; y < box.height; y++) {
    const row = ((box.top + y) * canvas.width + box.left) * channels;
    for (let x = 0; x < width; x++) {
      const start = row + first[x]! * channels;
      const n = count[x]!;
      const at = x * span;
      if (channels === 3) {
        let red = half;
        let green = half;
        let blue = half;
        for (let k = 0, from = start; k < n; k++, from += 3) {
          const w = weights[at + k]!;
          red = (red + Math.imul(data[from]!, w)) | 0;
          green = (green + Math.imul(data[from + 1]!, w)) | 0;
          blue = (blue + Math.imul(data[from + 2]!, w)) | 0;
        }
        target[to] = clamp8(red);
        target[to + 1] = clamp8(green);
        target[to + 2] = clamp8(blue);
        to += 3;
      } else {
        for (let c = 0; c < channels; c++) {
          let sum = half;
          for (let k = 0, from = start + c; k < n; k++, from += channels) {
            sum = (sum + Math.imul(data[from]!, weights[at + k]!)) | 0;
          }
          target[to++] = clamp8(sum);
        }
      }
    }
  }
}

function resizeRows(source: Uint8Array, taps: Taps, stride: number, target: Uint8Array): void {
  const { first, count, weights, span } = taps;
  let to = 0;
  for (let y = 0; y < first.length; y++) {
    const start = first[y]! * stride;
    const n = count[y]!;
    const at = y * span;
    if (n === 2) {
      const w0 = weights[at]!;
      const w1 = weights[at + 1]!;
      for (let i = start; i < start + stride; i++) {
        target[to++] = clamp8((half + Math.imul(source[i]!, w0) + Math.imul(source[i + stride]!, w1)) | 0);
      }
    } else {
      for (let i = start; i < start + stride; i++) {
        let sum = half;
        for (let k = 0, from = i; k < n; k++, from += stride) {
          sum = (sum + Math.imul(source[from]!, weights[at + k]!)) | 0;
        }
        target[to++] = clamp8(sum);
      }
    }
  }
}
