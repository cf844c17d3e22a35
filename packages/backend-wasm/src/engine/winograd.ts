import { lines, withScratch } from './blocks.ts';
import type { ConvEpilogue, ConvShape } from './conv-shape.ts';
import type { Engine } from './engine.ts';
import { K } from './kernel-ids.ts';

// Winograd F(4×4, 3×3); see assembly/winograd.ts. The 36 transforms of anything lie one after the other, with a cache
// line between them, so that they do not all fall on the same lines of the cache.

const tablesBytes = 2752; // what every part's scratch begins with (ZEROS in assembly/winograd.ts)
const stagger = 64;
const divideUp = (a: number, b: number): number => Math.ceil(a / b);
const roundUp = (a: number, to: number): number => divideUp(a, to) * to;

/** Evens out blocks of at most `most` items, so that each part gets equally many; in multiples of `unit`. */
function evenBlock(items: number, most: number, parts: number, unit: number): number {
  const blocks = roundUp(divideUp(items, most), parts);
  return roundUp(divideUp(items, blocks), unit);
}

interface Sizes {
  readonly height: number;
  readonly width: number;
  readonly channels: number;
}

/** target = image ⋆ filter, seen from (−top, −left); `turned` takes the filter of the forward pass for the input gradient. */
function correlate(
  engine: Engine,
  batch: number,
  image: Sizes & { readonly address: number },
  filter: { readonly address: number; readonly turned: boolean },
  target: Sizes & { readonly address: number },
  pad: { readonly top: number; readonly left: number },
  { bias = 0, relu = false }: ConvEpilogue,
): void {
  const parts = engine.threads;
  const tiles = batch * divideUp(target.height, 4) * divideUp(target.width, 4);
  const inBytes = 4 * roundUp(image.channels, 4);
  const outBytes = 4 * roundUp(target.channels, 8);
  // Inputs and products of a block of tiles share L2 with the filter that passes by; a large filter shall pass seldom.
  const filterBytes = 144 * image.channels * target.channels;
  const least = filterBytes > 16e6 ? 96 : filterBytes > 4e6 ? 48 : 24;
  const most = Math.max(least, Math.min(96, Math.floor(400_000 / (36 * (inBytes + outBytes)))));
  const block = evenBlock(tiles, most, parts, 12);
  const filterStep = 4 * image.channels * roundUp(target.channels, 8) + stagger;
  const inStep = block * inBytes + stagger;
  const outStep = block * outBytes + stagger;
  const partBytes = lines(tablesBytes + lines(inBytes) + 36 * (inStep + outStep));
  withScratch(engine, 36 * filterStep, (packed) => {
    withScratch(engine, parts * partBytes, (scratch) => {
      engine.run(
        K.winogradFilter,
        [filter.address, packed, image.channels, target.channels, Number(filter.turned), filterStep, scratch, partBytes],
        { parts },
      );
      engine.run(
        K.winogradForward,
        [
          image.address, packed, target.address, batch, image.height, image.width, image.channels, target.height,
          target.width, target.channels, pad.top, pad.left, bias, Number(relu), block, filterStep, inStep, outStep,
          scratch, partBytes,
        ],
        { parts },
      );
    });
  });
}

const input = (s: ConvShape): Sizes => ({ height: s.inHeight, width: s.inWidth, channels: s.inChannels });
const output = (s: ConvShape): Sizes => ({ height: s.outHeight, width: s.outWidth, channels: s.outChannels });

export function winogradConv2d(engine: Engine, x: number, w: number, y: number, s: ConvShape, epilogue: ConvEpilogue): void {
  const pad = { top: s.padTop, left: s.padLeft };
  const image = { ...input(s), address: x };
  correlate(engine, s.batchSize, image, { address: w, turned: false }, { ...output(s), address: y }, pad, epilogue);
}

export function winogradInputGrad(engine: Engine, dy: number, w: number, dx: number, s: ConvShape): void {
  const pad = { top: 2 - s.padTop, left: 2 - s.padLeft };
  const image = { ...output(s), address: dy };
  correlate(engine, s.batchSize, image, { address: w, turned: true }, { ...input(s), address: dx }, pad, {});
}

/** Bytes of transformed tiles that are kept at once. */
const chunkBytes = 6 * 2 ** 20;

export function winogradFilterGrad(engine: Engine, x: number, dy: number, dw: number, s: ConvShape): void {
  const parts = engine.threads;
  const [c, k] = [s.inChannels, s.outChannels];
  const tiles = s.batchSize * divideUp(s.outHeight, 4) * divideUp(s.outWidth, 4);
  const inFloats = roundUp(c, 12); // whole panels of 4 or of 6 rows
  const outFloats = roundUp(k, 8);
  const chunk = divideUp(tiles, divideUp(tiles, Math.max(64, Math.floor(chunkBytes / (144 * (inFloats + outFloats))))));
  const columns = evenBlock(k, 64, parts, 8);
  const rows = evenBlock(c, 48, 1, 12);
  const inStep = 4 * chunk * inFloats + stagger;
  const outStep = 4 * chunk * outFloats + stagger;
  const partBytes = lines(tablesBytes + Math.max(lines(4 * roundUp(Math.max(c, k), 4)), lines(4 * rows) + 36 * (4 * rows * columns + stagger)));
  withScratch(engine, 36 * (inStep + outStep), (v) => {
    const m = v + 36 * inStep;
    withScratch(engine, parts * partBytes, (scratch) => {
      for (let first = 0; first < tiles; first += chunk) {
        const count = Math.min(chunk, tiles - first);
        engine.run(
          K.winogradGradTiles,
          [
            x, dy, v, m, s.inHeight, s.inWidth, c, s.outHeight, s.outWidth, k, s.padTop, s.padLeft, first, count, inStep,
            outStep, scratch, partBytes,
          ],
          { parts },
        );
        engine.run(
          K.winogradFilterGrad,
          [v, m, dw, count, c, k, inStep, outStep, Number(first > 0), rows, columns, 256, scratch, partBytes],
          { parts },
        );
      }
    });
  });
}
