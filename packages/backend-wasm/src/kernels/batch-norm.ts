import { util } from '@tensorflow/tfjs-core';
import type { TensorInfo } from '@tensorflow/tfjs-core';
import type { WasmBackend } from '../backend.ts';
import { f32 } from '../engine/engine.ts';
import type { RunOptions } from '../engine/engine.ts';
import { withScratch } from '../engine/blocks.ts';
import { K } from '../engine/kernel-ids.ts';
import { areFloats, native, successor } from './native.ts';
import type { NativeKernel } from './native.ts';
import { split } from './strides.ts';

// The kernels by which `@selfsup/layers` computes batch normalisation in training mode; names, inputs, attributes and
// outputs are a contract. Statistics are summed in chunks of rows that depend on the shape alone, never on the threads.

const longestChunk = 1024;
const shortestChunk = 16;

interface Rows {
  readonly rows: number;
  readonly channels: number;
  readonly chunks: number;
  /** Over all values, of all groups. */
  readonly run: RunOptions;
  /** Over the chunks' sums, two for each channel. */
  readonly join: RunOptions;
}

/** Of each of the groups that follow each other in a tensor. */
export function rowsOf({ shape }: TensorInfo, groups = 1): Rows {
  const size = util.sizeFromShape(shape) / groups;
  const channels = shape.at(-1)!;
  const rows = size / channels;
  const chunk = Math.min(longestChunk, Math.max(shortestChunk, Math.ceil(rows / 64)));
  const chunks = Math.ceil(rows / chunk);
  return { rows, channels, chunks, run: split(groups * size), join: split(2 * groups * chunks * channels) };
}

const divides = (groups: number, { shape }: TensorInfo): boolean => Number.isInteger(groups) && groups >= 1 && shape[0]! % groups === 0;

const optional = (backend: WasmBackend, tensor: TensorInfo | undefined): number => (tensor === undefined ? 0 : backend.address(tensor));
const alone = { parts: 1 };

interface TrainInputs {
  readonly x: TensorInfo;
  readonly gamma?: TensorInfo;
  readonly beta?: TensorInfo;
  readonly residual?: TensorInfo;
}

interface TrainAttrs {
  readonly epsilon: number;
  readonly relu: boolean;
  /** Parts of one size along the first axis that have statistics of their own. */
  readonly groups?: number;
}

/**
 * y = relu?(γ·(x−mean)/√(variance+ε) + β + residual), and the mean and biased variance `[groups · channels]` of each group.
 */
const train = native<TrainInputs, TrainAttrs>('SelfsupBatchNormTrain', (backend, { x, gamma, beta, residual }, { epsilon, relu, groups = 1 }) => {
  if (!areFloats(x, gamma, beta, residual) || !divides(groups, x)) return undefined;
  const { engine } = backend;
  const { rows, channels, chunks, run, join } = rowsOf(x, groups);
  const perGroup = (): TensorInfo => backend.makeTensorInfo([groups * channels], 'float32');
  const [y, mean, variance] = [backend.makeTensorInfo(x.shape, 'float32'), perGroup(), perGroup()];
  const [weights, shift] = [optional(backend, gamma), optional(backend, beta)];
  const [from, added, out] = [backend.address(x), optional(backend, residual), backend.address(y)];
  const [centre, spread] = [backend.address(mean), backend.address(variance)];
  withScratch(engine, 4 * channels * groups * (2 * chunks + 1), (scale) => {
    const moments = scale + 4 * channels * groups;
    engine.run(K.batchNormMoments, [from, moments, rows, channels, chunks, groups], { ...run, touches: { reads: [from], writes: [scale] } });
    engine.run(K.batchNormJoin, [moments, rows, channels, chunks, centre, spread, groups], { ...join, touches: { writes: [scale, centre, spread] } });
    engine.run(K.batchNormScale, [spread, weights, scale, channels, f32(epsilon), groups], { ...alone, touches: { reads: [spread, weights], writes: [scale] } });
    engine.run(
      K.batchNormApply,
      [from, added, out, centre, scale, shift, rows, channels, Number(relu), groups],
      { ...run, touches: { reads: [from, added, centre, scale, shift], writes: [out] } },
    );
  });
  return [y, mean, variance];
});

interface GradInputs {
  readonly dy: TensorInfo;
  readonly x: TensorInfo;
  readonly y?: TensorInfo;
  readonly gamma?: TensorInfo;
  readonly beta?: TensorInfo;
  readonly mean: TensorInfo;
  readonly variance: TensorInfo;
}

interface GradAttrs extends TrainAttrs {
  readonly residual: boolean;
  /** Whether dy is given up. */
  readonly reuse?: boolean;
}

/** dx, dγ and dβ `[channels]` summed over the groups, and dresidual when there was a residual. */
const trainGrad = native<GradInputs, GradAttrs>('SelfsupBatchNormTrainGrad', (backend, inputs, { epsilon, relu, residual, groups = 1, reuse = false }) => {
  const { dy, x, y, gamma, beta, mean, variance } = inputs;
  const [cutsByX, cutsByY] = [relu && !residual, relu && residual];
  if (!areFloats(dy, x, y, gamma, beta, mean, variance) || !divides(groups, x) || (cutsByY && y === undefined)) return undefined;
  const { engine } = backend;
  const { rows, channels, chunks, run, join } = rowsOf(x, groups);
  const perChannel = (): TensorInfo => backend.makeTensorInfo([channels], 'float32');
  const like = (): TensorInfo => (reuse ? successor(backend, dy) : backend.makeTensorInfo(x.shape, 'float32'));
  // Without relu the residual's gradient is dy itself.
  const dresidual = residual ? (relu ? like() : backend.alias(dy, x.shape)) : undefined;
  const [dx, dgamma, dbeta] = [residual ? backend.makeTensorInfo(x.shape, 'float32') : like(), perChannel(), perChannel()];
  const [weights, given] = [optional(backend, gamma), optional(backend, beta)];
  const [slope, from, out] = [backend.address(dy), backend.address(x), backend.address(dx)];
  const [sees, cut] = cutsByY ? [backend.address(y!), backend.address(dresidual!)] : [0, 0];
  const [centre, spread, outGamma, outBeta] = [mean, variance, dgamma, dbeta].map((tensor) => backend.address(tensor)) as [number, number, number, number];
  withScratch(engine, 4 * channels * (1 + groups * (2 * chunks + 4)), (scale) => {
    const [coefficients, sums, zeros] = [1, 4, 4 + 2 * chunks].map((row) => scale + 4 * channels * groups * row) as [number, number, number];
    const byX = cutsByX ? [scale, given === 0 ? zeros : given] : [0, 0];
    const passed = cutsByY ? cut : slope;
    if (cutsByX) {
      if (given === 0) engine.run(K.fill, [zeros, channels, f32(0)], { ...alone, touches: { writes: [scale] } });
      engine.run(K.batchNormScale, [spread, weights, scale, channels, f32(epsilon), groups], { ...alone, touches: { reads: [spread, weights], writes: [scale] } });
    }
    engine.run(
      K.batchNormGradSums,
      [slope, from, centre, sums, rows, channels, chunks, ...byX, sees, passed, groups],
      { ...run, touches: { reads: [slope, from, centre, given, sees], writes: [scale, cut] } },
    );
    engine.run(
      K.batchNormGradJoin,
      [sums, rows, channels, chunks, spread, weights, f32(epsilon), outGamma, outBeta, coefficients, groups],
      { ...join, touches: { reads: [spread, weights], writes: [scale, outGamma, outBeta] } },
    );
    engine.run(
      K.batchNormGradApply,
      [passed, from, centre, coefficients, out, rows, channels, ...byX, groups],
      { ...run, touches: { reads: [passed, from, centre, given, scale], writes: [out] } },
    );
  });
  return dresidual === undefined ? [dx, dgamma, dbeta] : [dx, dgamma, dbeta, dresidual];
});

interface MoveInputs {
  readonly runningMean: TensorInfo;
  readonly runningVariance: TensorInfo;
  readonly mean: TensorInfo;
  readonly variance: TensorInfo;
}

interface MoveAttrs {
  readonly momentum: number;
  /** Values of each channel in a group. */
  readonly samples: number;
  readonly groups: number;
}

/** The running mean and variance (both given up) after the statistics `[groups · channels]` of each group in turn; of the variance, the unbiased one. */
const moveStatistics = native<MoveInputs, MoveAttrs>('SelfsupMoveStatistics', (backend, inputs, { momentum, samples, groups }) => {
  const { runningMean, runningVariance, mean, variance } = inputs;
  if (!areFloats(runningMean, runningVariance, mean, variance)) return undefined;
  const channels = util.sizeFromShape(runningMean.shape);
  if (util.sizeFromShape(runningVariance.shape) !== channels) return undefined;
  if (![mean, variance].every(({ shape }) => util.sizeFromShape(shape) === groups * channels)) return undefined;
  const moved = [successor(backend, runningMean), successor(backend, runningVariance)];
  const addresses = [runningMean, runningVariance, mean, variance, ...moved].map((tensor) => backend.address(tensor));
  const takes = [f32(1 - momentum), f32(((1 - momentum) * samples) / (samples - 1))];
  backend.engine.run(K.batchNormMove, [...addresses, channels, groups, f32(momentum), ...takes], { ...alone, touches: { reads: addresses.slice(0, 4), writes: addresses.slice(4) } });
  return moved;
});

interface InferenceInputs {
  readonly x: TensorInfo;
  readonly mean: TensorInfo;
  readonly variance: TensorInfo;
  readonly offset?: TensorInfo;
  readonly scale?: TensorInfo;
  readonly residual?: TensorInfo;
}

/** relu?(scale·(x−mean)/√(variance+ε) + offset + residual) with given statistics, one for each channel. */
function infer(backend: WasmBackend, inputs: InferenceInputs, epsilon: number, relu: boolean): TensorInfo | undefined {
  const { x, mean, variance, offset, scale, residual } = inputs;
  const perChannel = [mean, variance, offset, scale].filter((tensor) => tensor !== undefined);
  const { rows, channels, run } = rowsOf(x);
  if (!areFloats(x, residual, ...perChannel) || rows * channels === 0) return undefined;
  if (!perChannel.every(({ shape }) => shape.at(-1) === channels && util.sizeFromShape(shape) === channels)) return undefined;
  const { engine } = backend;
  const y = backend.makeTensorInfo(x.shape, 'float32');
  const [from, added, out] = [backend.address(x), optional(backend, residual), backend.address(y)];
  const [centre, spread, shift, weights] = [backend.address(mean), backend.address(variance), optional(backend, offset), optional(backend, scale)];
  withScratch(engine, 4 * channels, (factors) => {
    engine.run(K.batchNormScale, [spread, weights, factors, channels, f32(epsilon), 1], { ...alone, touches: { reads: [spread, weights], writes: [factors] } });
    engine.run(
      K.batchNormApply,
      [from, added, out, centre, factors, shift, rows, channels, Number(relu), 1],
      { ...run, touches: { reads: [from, added, centre, factors, shift], writes: [out] } },
    );
  });
  return y;
}

const inference = native<InferenceInputs, { readonly varianceEpsilon?: number }>('FusedBatchNorm', (backend, inputs, { varianceEpsilon = 0.001 }) =>
  infer(backend, inputs, varianceEpsilon, false),
);

const fusedInference = native<InferenceInputs & { readonly gamma: TensorInfo; readonly beta: TensorInfo }, TrainAttrs>('SelfsupBatchNorm', (backend, { gamma, beta, ...inputs }, { epsilon, relu }) =>
  infer(backend, { ...inputs, scale: gamma, offset: beta }, epsilon, relu),
);

export const batchNormKernels: readonly NativeKernel[] = [train, trainGrad, moveStatistics, inference, fusedInference];
