import type { Canvas } from './canvas.ts';
import type { HistogramCurve } from './strokes.ts';

/** How often each channel has each value: `[channels, 256]`. */
function histograms({ data, height, width, channels }: Canvas): Int32Array {
  const counts = new Int32Array(256 * channels);
  const samples = height * width * channels;
  for (let c = 0; c < channels; c++) {
    const base = 256 * c;
    for (let i = c; i < samples; i += channels) counts[base + data[i]!]!++;
  }
  return counts;
}

/** Values in order of size get ranks spread over 0–255, by how many samples are below them. */
function equalizing(histogram: Int32Array): Uint8Array | null {
  const last = histogram.findLastIndex((count) => count > 0);
  const total = histogram.reduce((sum, count) => sum + count, 0);
  const step = Math.floor((total - histogram[last]!) / 255);
  if (step === 0) return null;
  let rank = Math.floor(step / 2);
  return Uint8Array.from({ length: 256 }, (_, v) => {
    const value = Math.floor(rank / step);
    rank += histogram[v]!;
    return Math.min(255, value);
  });
}

/** Stretches the range that is used to 0–255. */
function stretching(histogram: Int32Array): Uint8Array | null {
  const low = histogram.findIndex((count) => count > 0);
  const high = histogram.findLastIndex((count) => count > 0);
  if (high <= low) return null;
  const scale = 255 / (high - low);
  const offset = -low * scale;
  return Uint8Array.from({ length: 256 }, (_, v) => Math.max(0, Math.min(255, Math.trunc(v * scale + offset))));
}

const curves: Readonly<Record<HistogramCurve, (histogram: Int32Array) => Uint8Array | null>> = {
  equalize: equalizing,
  autocontrast: stretching,
};

/**
 * Every channel by a tone curve of its own, made from the channel's histogram.
 *
 * @see Pillow `ImageOps.equalize`, `ImageOps.autocontrast`
 */
export function toneByHistogram(canvas: Canvas, kind: HistogramCurve): void {
  canvas.kernels.settle(canvas, false);
  const { data, height, width, channels } = canvas;
  const counts = histograms(canvas);
  const made = Array.from({ length: channels }, (_, c) => curves[kind](counts.subarray(256 * c, 256 * (c + 1))));
  if (made.every((curve) => curve === null)) return;
  const target = canvas.pointwise();
  const samples = height * width * channels;
  made.forEach((curve, c) => {
    if (curve !== null) for (let i = c; i < samples; i += channels) target[i] = curve[data[i]!]!;
    else if (target !== data) for (let i = c; i < samples; i += channels) target[i] = data[i]!;
  });
  canvas.replace(target, height, width);
}
