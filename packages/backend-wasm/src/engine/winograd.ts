import { apart, divideUp, largeShares, lines, roundUp, sharesOf, tapered, withScratch } from './blocks.ts';
import type { ConvEpilogue, ConvShape } from './conv-shape.ts';
import type { Engine } from './engine.ts';
import { K } from './kernel-ids.ts';
import { denseKind, evenBlock, input, kinds, output, stagger, tablesBytes } from './winograd-kinds.ts';
import type { Kind, LargeTiles, Sizes } from './winograd-kinds.ts';

// Winograd's algorithm for 3×3 filters: the forward pass and the input gradient, which are both a correlation.

const tapsBytes = 9216; // TAPS in assembly/winograd-panel.ts

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
