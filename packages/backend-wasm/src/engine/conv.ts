import { apart, chooseBlocks, lines, partsFor, roundUp, sharesOf, withScratch } from './blocks.ts';
import { chooseAlgorithm, convFlops } from './conv-shape.ts';
import type { ConvAlgorithm, ConvEpilogue, ConvShape } from './conv-shape.ts';
import type { Engine } from './engine.ts';
import { matMul } from './gemm.ts';
import { K } from './kernel-ids.ts';
import { winogradConv2d, winogradInputGrad } from './winograd.ts';
import { winogradFilterGrad } from './winograd-grad.ts';

export type { ConvEpilogue, ConvShape } from './conv-shape.ts';

export interface ConvOptions {
  /** Default: the one that is fastest for the shape. */
  readonly algorithm?: ConvAlgorithm;
}

/** A tap's number in the filter and its offset from the pixel it is summed into. */
interface Tap {
  readonly index: number;
  readonly dh: number;
  readonly dw: number;
}

const forwardTaps = (s: ConvShape): readonly Tap[] =>
  Array.from({ length: s.filterHeight * s.filterWidth }, (_, index) => ({
    index,
    dh: Math.floor(index / s.filterWidth) * s.dilationHeight - s.padTop,
    dw: (index % s.filterWidth) * s.dilationWidth - s.padLeft,
  }));

/** y [n, oh, ow, k] = x [n, h, w, c] ⋆ w [fh, fw, c, k] (+ bias, then ReLU); `x`, `w` and `y` are addresses. */
export function conv2d(
  engine: Engine, x: number, w: number, y: number, shape: ConvShape, options: ConvEpilogue & ConvOptions = {},
): void {
  const s = shape;
  const { algorithm = chooseAlgorithm(s), ...epilogue } = options;
  const pixels = s.batchSize * s.outHeight * s.outWidth;
  if (algorithm === 'winograd') return winogradConv2d(engine, x, w, y, s, epilogue);
  if (algorithm === 'pointwise') return matMul(engine, x, w, y, { m: pixels, k: s.inChannels, n: s.outChannels, ...epilogue });
  const taps = forwardTaps(s);
  const k = taps.length * s.inChannels;
  const parts = partsFor(engine, convFlops(s));
  const packedBytes = lines(4 * k * Math.ceil(s.outChannels / 8) * 8);
  withScratch(engine, packedBytes, (packed) => {
    engine.run(K.gemmPackB, [w, packed, 1, k, s.outChannels, 0], { parts, touches: { reads: [w], writes: [packed] } });
    gather(engine, x, packed, y, taps, parts, {
      batch: s.batchSize,
      image: [s.inHeight, s.inWidth, s.inChannels],
      grid: [s.outHeight, s.outWidth],
      stride: [s.strideHeight, s.strideWidth],
      target: [s.outHeight, s.outWidth, s.outChannels],
      targetStride: [1, 1],
      targetOffset: [0, 0],
      ...epilogue,
    });
  });
}

/**
 * dx [n, h, w, c] = Σ over the taps of dy [n, oh, ow, k] · wᵀ. The rows and columns of dx are taken by their remainder
 * by the stride: those of one remainder see the same taps, with stride 1.
 */
export function conv2dInputGrad(
  engine: Engine, dy: number, w: number, dx: number, shape: ConvShape, options: ConvOptions = {},
): void {
  const s = shape;
  const { algorithm = chooseAlgorithm(s) } = options;
  if (algorithm === 'winograd') return winogradInputGrad(engine, dy, w, dx, s);
  if (algorithm === 'pointwise') {
    const pixels = s.batchSize * s.inHeight * s.inWidth;
    return matMul(engine, dy, w, dx, { m: pixels, k: s.outChannels, n: s.inChannels, transposeB: true });
  }
  const parts = partsFor(engine, convFlops(s));
  const allTaps = forwardTaps(s);
  for (let h = 0; h < Math.min(s.strideHeight, s.inHeight); h++) {
    for (let v = 0; v < Math.min(s.strideWidth, s.inWidth); v++) {
      const taps = allTaps
        .map(({ index, dh, dw }) => ({ index, dh: (h - dh) / s.strideHeight, dw: (v - dw) / s.strideWidth }))
        .filter(({ dh, dw }) => Number.isInteger(dh) && Number.isInteger(dw));
      const packedBytes = lines(4 * taps.length * s.outChannels * Math.ceil(s.inChannels / 8) * 8);
      withScratch(engine, packedBytes + lines(4 * taps.length), (packed) => {
        const list = packed + packedBytes;
        engine.write(Int32Array.from(taps, ({ index }) => index), list);
        engine.run(K.convPackFilterTransposed, [w, packed, list, taps.length, s.inChannels, s.outChannels], { parts, touches: { reads: [w], writes: [packed] } });
        gather(engine, dy, packed, dx, taps, parts, {
          batch: s.batchSize,
          image: [s.outHeight, s.outWidth, s.outChannels],
          grid: [Math.ceil((s.inHeight - h) / s.strideHeight), Math.ceil((s.inWidth - v) / s.strideWidth)],
          stride: [1, 1],
          target: [s.inHeight, s.inWidth, s.inChannels],
          targetStride: [s.strideHeight, s.strideWidth],
          targetOffset: [h, v],
        });
      });
    }
  }
}

/** dw [fh, fw, c, k] = Σ over the pixels of xᵀ · dy. */
export function conv2dFilterGrad(
  engine: Engine, x: number, dy: number, dw: number, shape: ConvShape, options: ConvOptions = {},
): void {
  const s = shape;
  const { algorithm = chooseAlgorithm(s) } = options;
  if (algorithm === 'winograd') return winogradFilterGrad(engine, x, dy, dw, s);
  const taps = forwardTaps(s);
  const m = taps.length * s.inChannels;
  const pixels = s.batchSize * s.outHeight * s.outWidth;
  const sumsBytes = lines(4 * roundUp(m, 4) * roundUp(s.outChannels, 8));
  const { pixelShares, rowShares } = filterGradShares(pixels, sumsBytes, partsFor(engine, convFlops(s)));
  // Channels that lie far apart, pixel by pixel, fall on the same lines of the cache.
  const packed = s.inChannels % 4 !== 0 || s.inChannels >= 256;
  const depth = filterGradDepth(s.outChannels, packed ? m : 0);
  const threadBytes = apart(4 * (s.inChannels + 4 + 4 * depth + depth * roundUp(s.outChannels, 8) + (packed ? depth * roundUp(m, 4) : 0)));
  const offsetBytes = lines(8 * taps.length);
  withScratch(engine, offsetBytes + pixelShares * sumsBytes + engine.threads * threadBytes, (offsets) => {
    const sums = offsets + offsetBytes;
    engine.write(Int32Array.from(taps.flatMap(({ dh, dw: right }) => [dh, right])), offsets);
    engine.run(
      K.convFilterGrad,
      [
        x, dy, sums, offsets, taps.length, s.batchSize, s.inHeight, s.inWidth, s.inChannels, s.outHeight, s.outWidth,
        s.outChannels, s.strideHeight, s.strideWidth, depth, pixelShares, rowShares, sumsBytes, Number(packed),
        sums + pixelShares * sumsBytes, threadBytes,
      ],
      { parts: pixelShares * rowShares, touches: { reads: [x, dy], writes: [offsets] } },
    );
    engine.run(K.convFilterGradSum, [sums, dw, m, s.outChannels, pixelShares, sumsBytes], { parts: partsFor(engine, pixelShares * m * s.outChannels), touches: { writes: [offsets, dw] } });
  });
}

/** Pixels whose dy stays in L1 while the rows of the filter pass by, and whose channels stay in L2 where they are packed. */
function filterGradDepth(columns: number, packedRows: number): number {
  const most = Math.min((24 * 2 ** 10) / (4 * roundUp(columns, 8)), packedRows === 0 ? Infinity : (128 * 2 ** 10) / (4 * packedRows));
  return Math.max(32, Math.min(256, 4 * Math.floor(most / 4)));
}

/**
 * Into what the work on a filter's gradient is split. Shares of the pixels have sums of their own, which are added up in
 * the end; where those are large, each thread has some rows of one sum.
 */
function filterGradShares(pixels: number, sumsBytes: number, parts: number): { readonly pixelShares: number; readonly rowShares: number } {
  if (parts === 1) return { pixelShares: 1, rowShares: 1 };
  if (sumsBytes > 2 ** 20) return { pixelShares: 1, rowShares: parts };
  return { pixelShares: sharesOf(Math.ceil(pixels / 256), parts, sumsBytes > 2 ** 16 ? 1 : 8), rowShares: 1 };
}

interface Gather extends ConvEpilogue {
  readonly batch: number;
  readonly image: readonly [height: number, width: number, channels: number];
  readonly grid: readonly [height: number, width: number];
  readonly stride: readonly [height: number, width: number];
  readonly target: readonly [height: number, width: number, channels: number];
  readonly targetStride: readonly [height: number, width: number];
  readonly targetOffset: readonly [height: number, width: number];
}

function gather(
  engine: Engine, image: number, packed: number, target: number, taps: readonly Tap[], parts: number, g: Gather,
): void {
  const { bias = 0, relu = false } = g;
  const [, , channels] = g.image;
  const m = g.batch * g.grid[0] * g.grid[1];
  const { rows } = chooseBlocks(m, g.target[2], taps.length * channels, parts);
  const gathered = channels <= fewChannels && taps.length > 1;
  const tableFloats = gathered ? (4 + taps.length * channels) * rows : taps.length * rows;
  const runFloats = gathered ? taps.length * channels : channels;
  // Where a row is one run: packed rows, one that nobody wants, and the scratch of `macro`.
  const packedFloats = gathered || taps.length === 1 ? rows * runFloats + roundUp(g.target[2], 8) + 64 : 0;
  const threadBytes = apart(144 + 4 * (roundUp(g.target[2], 8) + runFloats + 4 + 4 * rows + tableFloats + packedFloats));
  withScratch(engine, lines(8 * taps.length) + engine.threads * threadBytes, (offsets) => {
    engine.write(Int32Array.from(taps.flatMap(({ dh, dw }) => [dh, dw])), offsets);
    engine.run(
      K.convGather,
      [
        image, packed, target, offsets, taps.length, g.batch, ...g.image, ...g.grid, ...g.stride, g.target[2],
        g.target[0], g.target[1], ...g.targetStride, ...g.targetOffset, bias, Number(relu), rows, Number(gathered),
        offsets + lines(8 * taps.length), threadBytes,
      ],
      { parts: sharesOf(Math.ceil(m / rows), parts), touches: { reads: [image, packed, bias], writes: [target, offsets] } },
    );
  });
}

/** Up to so many channels, those under all taps are gathered before they are multiplied. */
const fewChannels = 4;
