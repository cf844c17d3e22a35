import { apart, largeShares, lines, sharesOf, tapered, withScratch } from './blocks.ts';
import type { ConvEpilogue, ConvShape } from './conv-shape.ts';
import type { Engine } from './engine.ts';
import { K } from './kernel-ids.ts';

// Winograd's algorithm for 3×3 filters; see assembly/winograd-kinds.ts. The points of anything lie one after the other, with a cache
// line between them, so that they do not all fall on the same lines of the cache.

const tablesBytes = 10432; // what every thread's scratch begins with (ZEROS in assembly/winograd-patch.ts)
const tapsBytes = 9216; // TAPS in assembly/winograd-panel.ts
const stagger = 64;
const mostRows = 6; // of a register block
const divideUp = (a: number, b: number): number => Math.ceil(a / b);
const roundUp = (a: number, to: number): number => divideUp(a, to) * to;

/** Evens out blocks of at most `most` items, so that each of `parts` gets equally many; in multiples of `unit`. */
function evenBlock(items: number, most: number, parts: number, unit: number): number {
  const blocks = roundUp(divideUp(items, most), parts);
  return roundUp(divideUp(items, blocks), unit);
}

interface Sizes {
  readonly height: number;
  readonly width: number;
  readonly channels: number;
}

/** As in assembly/winograd-kinds.ts: points, transforms of the filter, and the target tile's sides; and the most products in one sum. */
const kinds = {
  dense: { id: 0, points: 36, filters: 36, high: 4, wide: 4, span: Infinity },
  strided: { id: 1, points: 81, filters: 36, high: 4, wide: 4, span: Infinity },
  spread: { id: 2, points: 81, filters: 36, high: 8, wide: 8, span: Infinity },
  wide: { id: 3, points: 60, filters: 60, high: 4, wide: 8, span: Infinity },
  large: { id: 4, points: 100, filters: 100, high: 8, wide: 8, span: 64 },
} as const;
type Kind = (typeof kinds)[keyof typeof kinds];

interface LargeTiles {
  readonly leastChannels: number;
  readonly mostChannels: number;
  readonly leastTiles: number;
}

/**
 * The kind for stride 1. Wide tiles save a sixth of the products of a width that 8 divides, and err twice as much; large ones save another
 * sixth, and err three times as much again. With very many channels the error would grow past what is promised.
 */
function denseKind(batch: number, { height, width, channels }: Sizes, otherChannels: number, large: LargeTiles): Kind {
  const [fewest, most] = [Math.min(channels, otherChannels), Math.max(channels, otherChannels)];
  const tiles = (kind: Kind): number => batch * divideUp(height, kind.high) * divideUp(width, kind.wide);
  const saves = (kind: Kind, instead: Kind): boolean => kind.points * tiles(kind) <= leastSaving * instead.points * tiles(instead);
  const smaller = fewest >= leastWide && most <= mostWide && saves(kinds.wide, kinds.dense) ? kinds.wide : kinds.dense;
  const suits = fewest >= large.leastChannels && most <= large.mostChannels && tiles(kinds.large) >= large.leastTiles;
  return suits && saves(kinds.large, smaller) ? kinds.large : smaller;
}
const leastWide = 32; // with fewer channels, their transforms cost more than they save
const mostWide = 256;
const leastSaving = 0.85;

interface Correlation {
  readonly kind: Kind;
  readonly batch: number;
  readonly image: Sizes & { readonly address: number };
  /** `turned` takes the filter of the forward pass for the input gradient. */
  readonly filter: { readonly address: number; readonly turned: boolean };
  readonly target: Sizes & { readonly address: number };
  readonly pad: { readonly top: number; readonly left: number };
  readonly epilogue: ConvEpilogue;
}

/** Transformed filters of more bytes than this are transformed where they are used; the less of them where all tiles are multiplied at once. */
const largeFilterBytes = { manyTiles: 12e6, fewTiles: 5e6 };
/** Tiles whose products with a block of a large filter stay in a core's cache. */
const tilesAtOnce = 132;
/** Large tiles for correlations: with more channels, or for fewer tiles, the short sums cost what the tiles save. */
const largeInCorrelations: LargeTiles = { leastChannels: 1, mostChannels: 128, leastTiles: tilesAtOnce + 1 };

/** target = image ⋆ filter, seen from (−top, −left). */
function correlate(engine: Engine, job: Correlation): void {
  const { kind, image, target } = job;
  const filterBytes = 4 * kind.filters * image.channels * target.channels;
  if (filterBytes > largeFilterBytes[tilesOf(job) <= tilesAtOnce ? 'fewTiles' : 'manyTiles']) correlateByColumns(engine, job);
  else correlateByTiles(engine, job);
}

function tilesOf({ kind, batch, target }: Correlation): number {
  return batch * divideUp(target.height, kind.high) * divideUp(target.width, kind.wide);
}

/**
 * Tiles in a block, in whole register blocks of 4 and of 6 rows. The channels of 12 stay in L1 while a panel of the filter passes
 * by; from 192 channels on the filter is so large that fetching it for every block costs more.
 */
function tileBlockOf(tiles: number, channels: number, threads: number): number {
  return channels >= 192 && tiles >= 96 * threads ? 24 : 12;
}

/** Blocks of tiles go all the way, past the filter, transformed before. */
function correlateByTiles(engine: Engine, job: Correlation): void {
  const { kind, batch, image, filter, target, pad, epilogue: { bias = 0, relu = false } } = job;
  const { threads } = engine;
  const tileBlock = tileBlockOf(tilesOf(job), image.channels, threads);
  const inBytes = 4 * roundUp(image.channels, 8);
  const outBytes = 4 * roundUp(target.channels, 8);
  const filterStep = 4 * image.channels * roundUp(target.channels, 8) + stagger;
  const inStep = tileBlock * inBytes + stagger;
  const outStep = tileBlock * outBytes + stagger;
  const threadBytes = apart(tablesBytes + Math.max(tapsBytes, lines(inBytes) + kind.points * (inStep + outStep) + outStep));
  withScratch(engine, threads * threadBytes + kind.filters * filterStep, (scratch) => {
    const packed = scratch + threads * threadBytes;
    engine.run(
      K.winogradFilter,
      [filter.address, packed, image.channels, target.channels, Number(filter.turned), filterStep, kind.id, scratch, threadBytes],
      { parts: sharesOf(divideUp(image.channels, 4), threads, largeShares), touches: { reads: [filter.address], writes: [scratch] } },
    );
    engine.run(
      K.winogradForward,
      [
        image.address, packed, target.address, batch, image.height, image.width, image.channels, target.height,
        target.width, target.channels, pad.top, pad.left, bias, Number(relu), tileBlock, filterStep, inStep, outStep,
        kind.id, scratch, threadBytes, Math.min(kind.span, image.channels),
      ],
      { parts: sharesOf(roundUp(divideUp(tilesOf(job), tileBlock), threads), threads), touches: { reads: [image.address, bias], writes: [target.address, scratch] } },
    );
  });
}

/** Columns of a piece of the blocks that are begun last, at most. */
const pieceColumns = 32;

/** Blocks of the filter, transformed on the spot, pass by the tiles, transformed before. */
function correlateByColumns(engine: Engine, job: Correlation): void {
  const { kind, batch, image, filter, target, pad, epilogue: { bias = 0, relu = false } } = job;
  const { threads } = engine;
  const tiles = tilesOf(job);
  const inBytes = 4 * roundUp(image.channels, 8);
  const inStep = roundUp(tiles, 12) * inBytes + stagger;
  const block = Math.min(tilesAtOnce, roundUp(tiles, 12));
  // Blocks of the filter that stay near L2; for more tiles than one block of them, all rows, since they would have to be transformed again for each.
  const few = tiles <= tilesAtOnce;
  const columns = evenBlock(target.channels, few ? 32 : 64, threads, 8);
  const depth = roundUp(few ? Math.min(image.channels, 256) : image.channels, 4);
  const filterStep = 4 * depth * columns + stagger;
  const outStep = 4 * columns * block + stagger;
  const threadBytes = apart(tablesBytes + Math.max(inBytes, tapsBytes + kind.filters * filterStep + (kind.points + 1) * outStep));
  withScratch(engine, threads * threadBytes + kind.points * inStep, (scratch) => {
    const v = scratch + threads * threadBytes;
    engine.run(
      K.winogradImage,
      [
        image.address, v, batch, image.height, image.width, image.channels, target.height, target.width, pad.top, pad.left,
        inStep, kind.id, scratch, threadBytes,
      ],
      { parts: sharesOf(tiles, threads, largeShares), touches: { reads: [image.address], writes: [scratch] } },
    );
    const { whole, pieces, parts } = tapered(divideUp(target.channels, columns), divideUp(columns, pieceColumns), threads);
    engine.run(
      K.winogradColumns,
      [
        v, filter.address, target.address, batch, target.height, target.width, image.channels, target.channels,
        Number(filter.turned), bias, Number(relu), columns, block, inStep, filterStep, outStep, kind.id, scratch,
        threadBytes, depth, Math.min(kind.span, depth), whole, pieces,
      ],
      { parts, touches: { reads: [filter.address, bias], writes: [target.address, scratch] } },
    );
  });
}

const input = (s: ConvShape): Sizes => ({ height: s.inHeight, width: s.inWidth, channels: s.inChannels });
const output = (s: ConvShape): Sizes => ({ height: s.outHeight, width: s.outWidth, channels: s.outChannels });

export function winogradConv2d(engine: Engine, x: number, w: number, y: number, s: ConvShape, epilogue: ConvEpilogue): void {
  correlate(engine, {
    kind: s.strideHeight === 1 ? denseKind(s.batchSize, output(s), s.inChannels, largeInCorrelations) : kinds.strided, batch: s.batchSize,
    image: { ...input(s), address: x },
    filter: { address: w, turned: false }, target: { ...output(s), address: y }, pad: { top: s.padTop, left: s.padLeft }, epilogue,
  });
}

/** For stride 2 with one pixel of padding at the top and the left only. */
export function winogradInputGrad(engine: Engine, dy: number, w: number, dx: number, s: ConvShape): void {
  const dense = s.strideHeight === 1;
  correlate(engine, {
    kind: dense ? denseKind(s.batchSize, input(s), s.outChannels, largeInCorrelations) : kinds.spread, batch: s.batchSize, image: { ...output(s), address: dy },
    filter: { address: w, turned: true }, target: { ...input(s), address: dx },
    pad: dense ? { top: 2 - s.padTop, left: 2 - s.padLeft } : { top: 0, left: 0 }, epilogue: {},
  });
}

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
/** Tiles for each thread beyond which one of two large shares is enough of them for what its sums cost. */
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
