import { identityTable } from '../canvas/canvas.ts';
import type { Canvas } from '../canvas/canvas.ts';
import type { Kernels } from '../canvas/kernels.ts';
import { scriptKernels } from '../canvas/script-kernels.ts';
import { toned } from '../canvas/write.ts';
import { createEngine } from './engine.ts';
import type { Engine } from './engine.ts';
import { resampler } from './resampler.ts';
import { samplesOf } from './samples.ts';

/** Kernels in WebAssembly SIMD for one canvas at a time; `null` where there is no such thing. */
export function simdKernels(): Kernels | null {
  const engine = createEngine();
  return engine && kernelsOf(engine);
}

function kernelsOf(engine: Engine): Kernels {
  const { exports } = engine;
  const samples = samplesOf(engine);
  const resample = resampler(engine, samples);
  const table = engine.buffer();
  const weightPairs = engine.buffer();
  const rowAddresses = engine.buffer();
  const padded = engine.buffer();
  const doubled = engine.buffer();
  const between = engine.buffer();
  const values = engine.buffer();
  const written = engine.buffer();

  const settle = (canvas: Canvas, unmirror: boolean): void => {
    const turn = unmirror && canvas.mirrored;
    if (!turn && canvas.table === identityTable) return;
    const { height, width, channels } = canvas;
    const tableAt = table.reserve(256);
    const from = samples.address(canvas);
    const to = turn ? samples.other(canvas, height * width * channels) : from;
    engine.bytes().set(canvas.table, tableAt);
    exports.lookUp(from, to, height, width, channels, Number(turn), tableAt);
    samples.replace(canvas, to, height, width);
    if (turn) canvas.mirrored = false;
  };

  /** The address of the picture, but for mirroring, where it may be changed. */
  const toned3 = (canvas: Canvas): number => {
    settle(canvas, false);
    return samples.address(canvas);
  };

  return {
    settle,
    cropAndResize: (canvas, box, size, interpolation) => {
      if (canvas.channels > 4) scriptKernels.cropAndResize(canvas, box, size, interpolation);
      else {
        settle(canvas, true);
        resample(canvas, box, size, interpolation);
      }
    },
    blur: (canvas, weights) => {
      settle(canvas, false);
      const { height, width, channels } = canvas;
      const stride = width * channels;
      const radius = weights.length - 1;
      const pairsAt = weightPairs.reserve(4 * weights.length);
      const rowsAt = rowAddresses.reserve(8 * weights.length);
      const paddedAt = padded.reserve(stride + 2 * (radius + 1) * channels);
      const doubledAt = doubled.reserve(2 * (radius + 2));
      const betweenAt = between.reserve(2 * height * stride);
      const from = samples.address(canvas);
      const to = samples.other(canvas, height * stride);
      const ints = engine.ints();
      weights.forEach((weight, k) => {
        ints[pairsAt / 4 + k] = k === 0 ? weight : weight | (weight << 16);
      });
      exports.blurColumns(from, height, width, channels, pairsAt, radius, paddedAt, doubledAt, betweenAt);
      exports.blurRows(betweenAt, height, stride, pairsAt, radius, rowsAt, to);
      samples.replace(canvas, to, height, width);
    },
    greySum: (canvas) => exports.greySum(toned3(canvas), canvas.height * canvas.width),
    toGrey: (canvas) => {
      const at = toned3(canvas);
      exports.toGrey(at, at, canvas.height * canvas.width);
    },
    adjustSaturation: (canvas, factor) => {
      const at = toned3(canvas);
      exports.adjustSaturation(at, at, canvas.height * canvas.width, factor);
    },
    turnHue: (canvas, steps) => {
      const at = toned3(canvas);
      exports.turnHue(at, at, canvas.height * canvas.width, steps);
    },
    writeFloats: (canvas, lookup, out) => {
      const { height, width, channels, mirrored } = canvas;
      const valuesAt = values.reserve(4 * lookup.length);
      const writtenAt = written.reserve(4 * out.length);
      const from = samples.address(canvas);
      const floats = engine.floats();
      floats.set(toned(canvas, lookup), valuesAt / 4);
      exports.writeFloats(from, writtenAt, height, width, channels, Number(mirrored), valuesAt);
      out.set(floats.subarray(writtenAt / 4, writtenAt / 4 + out.length));
    },
  };
}
