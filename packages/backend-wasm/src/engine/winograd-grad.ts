import { apart, divideUp, largeShares, lines, roundUp, sharesOf, withScratch } from './blocks.ts';
import type { ConvShape } from './conv-shape.ts';
import type { Engine } from './engine.ts';
import { K } from './kernel-ids.ts';
import { denseKind, evenBlock, kinds, output, stagger, tablesBytes } from './winograd-kinds.ts';
import type { Kind, LargeTiles } from './winograd-kinds.ts';

// Winograd's algorithm for 3×3 filters: the filter gradient.

const mostRows = 6; // of a register block

interface FilterGrad {
  readonly kind: Kind;
  readonly tiles: number;
  /** How the transformation of tiles begins its arguments, with the addresses of x and dy; the steps between points come next. */
  readonly geometry: readonly number[];
}

/** Large tiles for filter gradients: their sums err less, being of different tiles. Few channels have many shares, whose sums few tiles do not make up for. */
const largeInFilterGrads = (channels: number): LargeTiles => ({ leastChannels: 8, mostChannels: 256, leastTiles: channels <= 64 ? 192 : 32 });

/** Sums of one share that stay in a core's caches while blocks of tiles pass by: up to 64 × 64 channels, or 64 × 128 with stride 2. */
const residentSumsBytes = 1.75 * 2 ** 20;
/** Sums of all threads that stay in the cache they share: up to 128 × 128 channels, or 128 × 256 with stride 2, on two threads. */
const sharedSumsBytes = 14 * 2 ** 20;
/** Tiles for each thread that make up for clearing its large sums and adding them to the others'. */
const tilesForLargeSums = 96;

/** Whether each thread has sums of its own. */
function sumsByShares(sumsBytes: number, tiles: number, threads: number): boolean {
  return sumsBytes <= residentSumsBytes || (threads * sumsBytes <= sharedSumsBytes && tiles >= tilesForLargeSums * threads);
}

export function winogradFilterGrad(engine: Engine, x: number, dy: number, dw: number, s: ConvShape): void {
  const [c, k] = [s.inChannels, s.outChannels];
  const kind = s.strideHeight === 1 ? denseKind(s.batchSize, output(s), c, largeInFilterGrads(Math.max(c, k))) : kinds.strided;
  const job: FilterGrad = {
    kind,
    tiles: s.batchSize * divideUp(s.outHeight, kind.high) * divideUp(s.outWidth, kind.wide),
    geometry: [x, dy, s.inHeight, s.inWidth, c, s.outHeight, s.outWidth, k, s.padTop, s.padLeft],
  };
  if (sumsByShares(4 * kind.filters * c * roundUp(k, 8), job.tiles, engine.threads)) filterGradByShares(engine, dw, c, k, job);
  else filterGradByChunks(engine, dw, c, k, job);
}

/** Bytes of transformed tiles that one thread multiplies at once: more of them than its caches hold, since the sums are fetched for each block. */
const blockBytes = 2.5 * 2 ** 20;

/** Shares for each thread: several even out the threads, but the sums of every share are cleared, and added up in the end. */
function sharesByBytes(sums: number, tiles: number): number {
  if (sums <= 2 ** 16) return 8;
  if (sums <= 2 ** 19) return 4;
  return sums <= 2 ** 21 && tiles > tilesForTwoShares ? 2 : 1;
}
/** Tiles for each thread beyond which each of two large shares has enough of them to make up for its sums. */
const tilesForTwoShares = 256;

const panelColumns = 16; // PANEL in assembly/winograd-grad.ts
const totalsRowsBytes = 4096; // ROWS_BYTES in assembly/winograd-grad.ts

/** Each thread transforms and multiplies tiles of its own; the sums of all are added up in the end. */
function filterGradByShares(engine: Engine, dw: number, c: number, k: number, { kind, tiles, geometry }: FilterGrad): void {
  const { threads } = engine;
  const [inFloats, outFloats] = [roundUp(c, 8), roundUp(k, 8)];
  const block = Math.min(64, Math.max(12, roundUp(Math.floor(blockBytes / (4 * kind.points * (inFloats + outFloats))), 4)));
  const inStep = 4 * block * inFloats + stagger;
  const outStep = 4 * block * roundUp(k, panelColumns) + stagger;
  const sumStep = 4 * c * outFloats + stagger;
  const sumsBytes = lines(kind.filters * sumStep);
  const shares = sharesOf(divideUp(tiles, block), threads, sharesByBytes(sumsBytes, tiles / threads));
  const rowsBytes = lines(4 * (c + mostRows)) + lines(4 * outFloats);
  const tilesBytes = lines(4 * Math.max(inFloats, outFloats)) + rowsBytes + kind.points * (inStep + outStep);
  const threadBytes = apart(tablesBytes + Math.max(tilesBytes, kind.filters * (Math.max(4 * outFloats, totalsRowsBytes) + stagger)));
  withScratch(engine, threads * threadBytes + shares * sumsBytes, (scratch) => {
    const sums = scratch + threads * threadBytes;
    engine.run(
      K.winogradFilterGradShares,
      [...geometry, inStep, outStep, kind.id, sums, tiles, block, sumsBytes, sumStep, scratch, threadBytes],
      { parts: shares, touches: { reads: geometry.slice(0, 2), writes: [scratch] } },
    );
    engine.run(K.winogradFilterGradTaps, [sums, dw, c, k, shares, sumsBytes, sumStep, kind.id, scratch, threadBytes], { parts: threads, touches: { writes: [scratch, dw] } });
  });
}

/** Channels of x, and of dy, in a block of sums: those of 36 filters stay in L2, and of more filters near it. */
const blockChannels = 64;

/** Bytes of transformed tiles that are kept at once. */
const chunkBytes = 18 * 2 ** 20;

/** Each thread multiplies the tiles of its columns, a chunk at a time, while the next chunk is transformed. */
function filterGradByChunks(engine: Engine, dw: number, c: number, k: number, { kind, tiles, geometry }: FilterGrad): void {
  const { threads } = engine;
  const columns = evenBlock(k, blockChannels, threads, panelColumns);
  const rows = evenBlock(c, blockChannels, 1, 8);
  const [inFloats, outFloats] = [roundUp(c, rows), roundUp(k, columns)];
  const chunks = divideUp(tiles, Math.max(64, Math.floor(chunkBytes / (4 * kind.points * (inFloats + outFloats)))));
  const chunk = divideUp(tiles, chunks);
  const inStep = 4 * chunk * inFloats + stagger;
  const outStep = 4 * chunk * outFloats + stagger;
  const rowsBytes = lines(4 * (rows + mostRows)) + lines(4 * columns);
  const zeroBytes = 4 * roundUp(Math.max(c, k), 8);
  const threadBytes = apart(tablesBytes + Math.max(zeroBytes, rowsBytes + kind.filters * (4 * rows * columns + stagger)));
  const bufferBytes = kind.points * (inStep + outStep);
  withScratch(engine, threads * threadBytes + Math.min(2, chunks) * bufferBytes, (scratch) => {
    const buffers = scratch + threads * threadBytes;
    const tilesIn = (index: number): number => Math.max(0, Math.min(chunk, tiles - index * chunk));
    const packed = (index: number): number[] => [buffers + (index % 2) * bufferBytes, buffers + (index % 2) * bufferBytes + kind.points * inStep];
    for (let index = -1; index < chunks; index++) {
      const next = index + 1;
      // What is transformed besides evens out the threads; after the last chunk, small shares have to.
      const multiplying = index < 0 ? 0 : next < chunks ? threads : sharesOf(divideUp(c, rows) * divideUp(k, columns), threads, 8);
      const transforming = next < chunks ? sharesOf(divideUp(tilesIn(next), 4), threads, largeShares) : 0;
      engine.run(
        K.winogradFilterGradChunk,
        [
          ...geometry, inStep, outStep, kind.id, ...packed(Math.max(0, index)), tilesIn(index), ...packed(next), next * chunk, tilesIn(next), dw,
          Number(index > 0), rows, columns, 256, multiplying, scratch, threadBytes,
        ],
        { parts: multiplying + transforming, touches: { reads: geometry.slice(0, 2), writes: [scratch, dw] } },
      );
    }
  });
}
