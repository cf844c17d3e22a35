import type { Canvas } from './canvas.ts';

/** One row with its mirrored margins, and columns already blurred. They grow to the largest image seen. */
let line = new Uint8Array(0);
let between = new Uint16Array(0);

/** The position that index falls on when the line 0 … length−1 is mirrored at both of its end points. */
function reflect(index: number, length: number): number {
  if (length === 1) return 0;
  const period = 2 * (length - 1);
  const wrapped = ((index % period) + period) % period;
  return wrapped < length ? wrapped : period - wrapped;
}

/** Samples worked on at once; buffers have room for the overhang past a row's end, which the next row overwrites. */
const block = 4;

/**
 * Convolves columns and rows with symmetric weights in parts of 2^15, borders mirrored without repeating the edge.
 *
 * In fixed point with 8 extra bits in between, rounded once at the end.
 */
export function blur(canvas: Canvas, weights: Int32Array): void {
  canvas.kernels.settle(canvas, false);
  const { height, width, channels } = canvas;
  const stride = width * channels;
  const target = canvas.scratch(height * stride + block);
  if (between.length < height * stride + block) between = new Uint16Array(height * stride + block);
  blurColumns(canvas, weights, between);
  blurRows(between, height, stride, weights, target);
  canvas.replace(target, height, width);
}

function blurColumns({ data, height, width, channels }: Canvas, weights: Int32Array, target: Uint16Array): void {
  const radius = weights.length - 1;
  const stride = width * channels;
  const margin = radius * channels;
  if (line.length < stride + 2 * margin + block) line = new Uint8Array(stride + 2 * margin + block);
  const padded = line;
  const centre = weights[0]!;
  for (let y = 0; y < height; y++) {
    const row = y * stride;
    for (let x = -radius; x < 0; x++) {
      const left = row + reflect(x, width) * channels;
      const right = row + reflect(width - 1 - x, width) * channels;
      for (let c = 0; c < channels; c++) {
        padded[margin + x * channels + c] = data[left + c]!;
        padded[margin + stride + (-1 - x) * channels + c] = data[right + c]!;
      }
    }
    for (let i = 0; i < stride; i++) padded[margin + i] = data[row + i]!;
    for (let i = 0; i < stride; i += block) {
      const at = margin + i;
      let s0 = 64 + Math.imul(padded[at]!, centre);
      let s1 = 64 + Math.imul(padded[at + 1]!, centre);
      let s2 = 64 + Math.imul(padded[at + 2]!, centre);
      let s3 = 64 + Math.imul(padded[at + 3]!, centre);
      for (let k = 1, a = at - channels, b = at + channels; k <= radius; k++, a -= channels, b += channels) {
        const w = weights[k]!;
        s0 = (s0 + Math.imul(padded[a]! + padded[b]!, w)) | 0;
        s1 = (s1 + Math.imul(padded[a + 1]! + padded[b + 1]!, w)) | 0;
        s2 = (s2 + Math.imul(padded[a + 2]! + padded[b + 2]!, w)) | 0;
        s3 = (s3 + Math.imul(padded[a + 3]! + padded[b + 3]!, w)) | 0;
      }
      const to = row + i;
      target[to] = s0 >> 7;
      target[to + 1] = s1 >> 7;
      target[to + 2] = s2 >> 7;
      target[to + 3] = s3 >> 7;
    }
  }
}

function blurRows(source: Uint16Array, height: number, stride: number, weights: Int32Array, target: Uint8Array): void {
  const radius = weights.length - 1;
  const centre = weights[0]!;
  const above = new Int32Array(radius + 1);
  const below = new Int32Array(radius + 1);
  // Sums reach 65,280 × 2^15 + 2^22, which just fits 31 bits.
  const half = 1 << 22;
  for (let y = 0; y < height; y++) {
    for (let k = 1; k <= radius; k++) {
      above[k] = reflect(y - k, height) * stride;
      below[k] = reflect(y + k, height) * stride;
    }
    const row = y * stride;
    for (let i = 0; i < stride; i += block) {
      const at = row + i;
      let s0 = half + Math.imul(source[at]!, centre);
      let s1 = half + Math.imul(source[at + 1]!, centre);
      let s2 = half + Math.imul(source[at + 2]!, centre);
      let s3 = half + Math.imul(source[at + 3]!, centre);
      for (let k = 1; k <= radius; k++) {
        const w = weights[k]!;
        const a = above[k]! + i;
        const b = below[k]! + i;
        s0 = (s0 + Math.imul(source[a]! + source[b]!, w)) | 0;
        s1 = (s1 + Math.imul(source[a + 1]! + source[b + 1]!, w)) | 0;
        s2 = (s2 + Math.imul(source[a + 2]! + source[b + 2]!, w)) | 0;
        s3 = (s3 + Math.imul(source[a + 3]! + source[b + 3]!, w)) | 0;
      }
      target[at] = s0 >> 23;
      target[at + 1] = s1 >> 23;
      target[at + 2] = s2 >> 23;
      target[at + 3] = s3 >> 23;
    }
  }
}
