import type { Canvas } from './canvas.ts';

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

/** Every channel by a tone curve of its own, which `curveOf` makes from the channel's histogram; `null` leaves the channel alone. */
export function toneByHistogram(canvas: Canvas, curveOf: (histogram: Int32Array) => Uint8Array | null): void {
  canvas.kernels.settle(canvas, false);
  const { data, height, width, channels } = canvas;
  const counts = histograms(canvas);
  const curves = Array.from({ length: channels }, (_, c) => curveOf(counts.subarray(256 * c, 256 * (c + 1))));
  if (curves.every((curve) => curve === null)) return;
  const target = canvas.pointwise();
  const samples = height * width * channels;
  curves.forEach((curve, c) => {
    if (curve !== null) for (let i = c; i < samples; i += channels) target[i] = curve[data[i]!]!;
    else if (target !== data) for (let i = c; i < samples; i += channels) target[i] = data[i]!;
  });
  canvas.replace(target, height, width);
}
