import { lines, partsFor, withScratch } from './blocks.ts';
import type { ConvShape } from './conv-shape.ts';
import type { Engine } from './engine.ts';
import { K } from './kernel-ids.ts';

/** A depthwise convolution; `outChannels` is inChannels · channelMultiplier. */
export interface DepthwiseShape extends ConvShape {
  readonly channelMultiplier: number;
}

const partsOf = (engine: Engine, s: DepthwiseShape): number =>
  partsFor(engine, 2 * s.batchSize * s.outHeight * s.outWidth * s.outChannels * s.filterHeight * s.filterWidth);

const geometry = (s: DepthwiseShape): readonly number[] => [
  s.batchSize, s.inHeight, s.inWidth, s.inChannels, s.outHeight, s.outWidth, s.channelMultiplier, s.filterHeight,
  s.filterWidth, s.strideHeight, s.strideWidth, s.dilationHeight, s.dilationWidth, s.padTop, s.padLeft,
];

function runListed(engine: Engine, kernel: number, tensors: readonly number[], s: DepthwiseShape): void {
  const parts = partsOf(engine, s);
  const partBytes = lines(8 * s.filterHeight * s.filterWidth);
  withScratch(engine, parts * partBytes, (scratch) => {
    engine.run(kernel, [...tensors, ...geometry(s), scratch, partBytes], { parts });
  });
}

/** y [n, oh, ow, c·m] = x [n, h, w, c] ⋆ w [fh, fw, c, m], channel by channel; all three are addresses. */
export function depthwiseConv2d(engine: Engine, x: number, w: number, y: number, shape: DepthwiseShape): void {
  runListed(engine, K.depthwise, [x, w, y], shape);
}

export function depthwiseInputGrad(engine: Engine, dy: number, w: number, dx: number, shape: DepthwiseShape): void {
  runListed(engine, K.depthwiseInputGrad, [dy, w, dx], shape);
}

export function depthwiseFilterGrad(engine: Engine, x: number, dy: number, dw: number, shape: DepthwiseShape): void {
  engine.run(K.depthwiseFilterGrad, [x, dy, dw, ...geometry(shape)], { parts: partsOf(engine, shape) });
}
