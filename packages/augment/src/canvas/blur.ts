import type { Canvas } from './canvas.ts';

let padded = new Uint8Array(0);
let between = new Uint16Array(0);

/** The position that index falls on when the line 0 … length−1 is mirrored at both of its end points. */
function reflect(index: number, length: number): number {
  if (length === 1) return 0;
  const period = 2 * (length - 1);
  const wrapped = ((index % period) + period) % period;
  return wrapped < length ? wrapped : period - wrapped;
}

/** exp(−x²/2σ²) at 0 … radius, normalised over −radius … radius to 2^bits; far ends that round to nothing are left off. */
function gaussianWeights(sigma: number, radius: number, bits: number): Int32Array {
  const values = Array.from({ length: radius + 1 }, (_, x) => Math.exp(-0.5 * (x / sigma) ** 2));
  const total = values.reduce((sum, value, x) => sum + (x === 0 ? value : 2 * value), 0);
  const weights = values.map((value) => Math.round((value / total) * (1 << bits)));
  const used = weights.findLastIndex((weight) => weight > 0) + 1;
  // The centre absorbs the rounding, so that a flat image stays exactly flat.
  weights[0] = (1 << bits) - 2 * weights.slice(1).reduce((sum, weight) => sum + weight, 0);
  return Int32Array.from(weights.slice(0, used));
}

/**
 * Gaussian blur with σ in pixels over kernelSize × kernelSize pixels, borders mirrored without repeating the edge.
 *
 * Columns and rows in turn, in fixed point with 8 extra bits in between, rounded once at the end.
 */
export function blur(canvas: Canvas, sigma: number, kernelSize: number): void {
  canvas.settle();
  const { data, height, width, channels } = canvas;
  const stride = width * channels;
  const weights = gaussianWeights(sigma, (kernelSize - 1) / 2, 15);
  if (weights.length === 1) return;
  const target = canvas.scratch(height * stride);
  if (between.length < height * stride) between = new Uint16Array(height * stride);
  blurColumns(data, height, width, channels, weights, between);
  blurRows(between, height, stride, weights, target);
  canvas.replace(target, height, width);
}

function blurColumns(
  data: Uint8Array,
  height: number,
  width: number,
  channels: number,
  weights: Int32Array,
  target: Uint16Array,
): void {
  const radius = weights.length - 1;
  const stride = width * channels;
  const margin = radius * channels;
  if (padded.length < stride + 2 * margin) padded = new Uint8Array(stride + 2 * margin);
  const line = padded;
  const centre = weights[0]!;
  for (let y = 0; y < height; y++) {
    const row = y * stride;
    for (let x = -radius; x < 0; x++) {
      const left = row + reflect(x, width) * channels;
      const right = row + reflect(width - 1 - x, width) * channels;
      for (let c = 0; c < channels; c++) {
        line[margin + x * channels + c] = data[left + c]!;
        line[margin + stride + (-1 - x) * channels + c] = data[right + c]!;
      }
    }
    for (let i = 0; i < stride; i++) line[margin + i] = data[row + i]!;
    for (let i = 0; i < stride; i++) {
      const at = margin + i;
      let sum = 64 + Math.imul(line[at]!, centre);
      for (let k = 1, offset = channels; k <= radius; k++, offset += channels) {
        sum = (sum + Math.imul(line[at - offset]! + line[at + offset]!, weights[k]!)) | 0;
      }
      target[row + i] = sum >> 7;
    }
  }
}

function blurRows(
  source: Uint16Array,
  height: number,
  stride: number,
  weights: Int32Array,
  target: Uint8Array,
): void {
  const radius = weights.length - 1;
  const centre = weights[0]!;
  const above = new Int32Array(radius + 1);
  const below = new Int32Array(radius + 1);
  for (let y = 0; y < height; y++) {
    for (let k = 1; k <= radius; k++) {
      above[k] = reflect(y - k, height) * stride;
      below[k] = reflect(y + k, height) * stride;
    }
    const row = y * stride;
    for (let i = 0; i < stride; i++) {
      // At most 65,280 × 2^15 + 2^22, which just fits 31 bits.
      let sum = (0x400000 + Math.imul(source[row + i]!, centre)) | 0;
      for (let k = 1; k <= radius; k++) {
        sum = (sum + Math.imul(source[above[k]! + i]! + source[below[k]! + i]!, weights[k]!)) | 0;
      }
      target[row + i] = sum >> 23;
    }
  }
}
