import type { Canvas } from '../canvas/canvas.ts';
import type { Interpolation } from '../canvas/filter.ts';
import type { Box } from '../canvas/kernels.ts';
import type { Engine } from './engine.ts';
import { pairedTaps } from './paired-taps.ts';
import type { Samples } from './samples.ts';

/** How much of the image is copied into the engine's memory at a time: it stays in the cache until it is read. */
const stripBytes = 0x4_0000;

/** `cropAndResize` for settled images of up to four channels. */
export function resampler(
  engine: Engine,
  samples: Samples,
): (canvas: Canvas, box: Box, size: { readonly height: number; readonly width: number }, interpolation: Interpolation) => void {
  const { exports } = engine;
  const strip = engine.buffer();
  const columnTaps = engine.buffer();
  const rowTaps = engine.buffer();
  const between = engine.buffer();

  return (canvas, box, { height, width }, interpolation) => {
    const { channels } = canvas;
    const columns = pairedTaps(box.width, width, interpolation);
    const rows = pairedTaps(box.height, height, interpolation);
    const sourceStride = canvas.width * channels;
    const stride = width * channels;
    const inside = samples.inside(canvas);
    const stripRows = Math.min(box.height, Math.max(1, Math.floor(stripBytes / sourceStride)));
    // Taps of weight 0 are read too: up to a pair more than there are, in columns and in rows.
    const columnsAt = columnTaps.reserve(4 * columns.words.length);
    const rowsAt = rowTaps.reserve(4 * rows.words.length);
    const stripAt = inside ? 0 : strip.reserve(stripRows * sourceStride + 2 * columns.pairs * channels);
    const betweenAt = between.reserve((box.height + 2 * rows.pairs) * stride);
    const from = inside ? samples.address(canvas) : 0;
    const to = samples.other(canvas, height * stride);
    const bytes = engine.bytes();
    const ints = engine.ints();
    ints.set(columns.words, columnsAt / 4);
    ints.set(rows.words, rowsAt / 4);

    const left = box.left * channels;
    const resizeColumns = (source: number, count: number, at: number): void => {
      exports.resizeColumns(source + left, sourceStride, count, channels, width, columnsAt, columnsAt + 4 * width, columns.pairs, at);
    };
    if (inside) resizeColumns(from + box.top * sourceStride, box.height, betweenAt);
    else {
      for (let y = 0; y < box.height; y += stripRows) {
        const count = Math.min(stripRows, box.height - y);
        const start = (box.top + y) * sourceStride;
        bytes.set(canvas.data.subarray(start, start + count * sourceStride), stripAt);
        resizeColumns(stripAt, count, betweenAt + y * stride);
      }
    }
    exports.resizeRows(betweenAt, stride, height, rowsAt, rowsAt + 4 * height, rows.pairs, to);
    samples.replace(canvas, to, height, width);
  };
}
