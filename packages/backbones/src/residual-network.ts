import { batchNorm, conv2d, layerSeed, maxPool2d } from '@selfsup/layers';
import type { KernelInit, NetSpec } from '@selfsup/layers';
import type { SymbolicTensor } from '@tensorflow/tfjs-layers';
import { layers, model } from '@tensorflow/tfjs-layers';
import { BackbonesError } from './error.ts';
import { dropRates, pooledOrMap, residual } from './features.ts';
import type { FeatureOptions } from './features.ts';
import { imageInput } from './image-input.ts';

/** `basic`: two 3×3 convolutions. `bottleneck`: 1×1, 3×3, 1×1 with four times the channels out. */
export type BlockKind = 'basic' | 'bottleneck';

/** The plan of a residual network; the networks of this package are values of it. */
export interface ResidualPlan extends FeatureOptions {
  readonly name: string;
  readonly block: BlockKind;
  /** Blocks per stage; each stage but the first halves the image. */
  readonly blocks: readonly number[];
  /** Channels of each stage's 3×3 convolutions, and of the stem those of the first. */
  readonly widths: readonly number[];
  /** Multiplies the channels inside of a bottleneck, not those that come out of it. */
  readonly innerWidth?: number;
  /** `imagenet`: 7×7 stride 2, then max-pooling. `cifar`: 3×3. */
  readonly stem: 'cifar' | 'imagenet';
  /** Of the `cifar` stem; 1 by default. */
  readonly stemStride?: number;
  /** Cells a side whose means are the features; 1 by default. */
  readonly poolTo?: number;
  /** Start γ of each block's last normalisation at 0, so that every block starts as the identity. */
  readonly zeroInitResidual: boolean;
  /** How convolutions start: `he` by default, as torchvision's ResNets. */
  readonly init?: KernelInit;
}

/** One layer after the other, each named as torchvision names it and drawn from its own seed. */
interface Builder {
  readonly seed: number;
  readonly conv: (x: SymbolicTensor, name: string, filters: number, kernelSize: number, strides: number) => SymbolicTensor;
  readonly norm: (x: SymbolicTensor | SymbolicTensor[], name: string, options: { relu: boolean; initialGamma?: number }) => SymbolicTensor;
}

function builder(seed: number, init: KernelInit): Builder {
  return {
    seed,
    conv: (x, name, filters, kernelSize, strides) =>
      conv2d({ name, filters, kernelSize, strides, padding: 'same', init, seed: layerSeed(seed, name) }).apply(x) as SymbolicTensor,
    norm: (x, name, options) => batchNorm({ name, ...options }).apply(x) as SymbolicTensor,
  };
}

interface BlockPlan {
  readonly name: string;
  readonly inner: number;
  readonly out: number;
  readonly strides: number;
  readonly initialGamma: number;
  /** Rate of stochastic depth. */
  readonly drop: number;
}

function basicBlock(build: Builder, x: SymbolicTensor, plan: BlockPlan): SymbolicTensor {
  const { name, inner, out, strides } = plan;
  const y = build.norm(build.conv(x, `${name}.conv1`, inner, 3, strides), `${name}.bn1`, { relu: true });
  return join(build, build.conv(y, `${name}.conv2`, out, 3, 1), x, plan, 'bn2');
}

function bottleneckBlock(build: Builder, x: SymbolicTensor, plan: BlockPlan): SymbolicTensor {
  const { name, inner, out, strides } = plan;
  let y = build.norm(build.conv(x, `${name}.conv1`, inner, 1, 1), `${name}.bn1`, { relu: true });
  y = build.norm(build.conv(y, `${name}.conv2`, inner, 3, strides), `${name}.bn2`, { relu: true });
  return join(build, build.conv(y, `${name}.conv3`, out, 1, 1), x, plan, 'bn3');
}

/** relu(norm(y) + shortcut(x)): one layer, unless something stands between normalisation and sum. */
function join(build: Builder, y: SymbolicTensor, x: SymbolicTensor, plan: BlockPlan, last: string): SymbolicTensor {
  const { name, initialGamma, drop } = plan;
  const side = shortcut(build, x, plan);
  if (drop === 0) return build.norm([y, side], `${name}.${last}`, { relu: true, initialGamma });
  const branch = build.norm(y, `${name}.${last}`, { relu: false, initialGamma });
  return layers.reLU({ name: `${name}.relu` }).apply(residual(branch, side, name, drop, build.seed)) as SymbolicTensor;
}

function shortcut({ conv, norm }: Builder, x: SymbolicTensor, { name, out, strides }: BlockPlan): SymbolicTensor {
  if (strides === 1 && x.shape[3] === out) return x;
  return norm(conv(x, `${name}.downsample.0`, out, 1, strides), `${name}.downsample.1`, { relu: false });
}

/** More cells than pixels would repeat them. */
function refuseCells(network: string, poolTo: number, { shape: [, height, width] }: SymbolicTensor): void {
  const most = Math.min(height!, width!);
  if (poolTo <= most) return;
  throw new BackbonesError('shape-mismatch', `${network}: poolTo is ${poolTo}, but the last map is ${height}×${width}; give at most ${most}, or larger images.`);
}

/** Makes the `NetSpec` of a plan: `[height, width, channels]` → pooled features `[dim]`, or the last map. */
export function residualNetwork(plan: ResidualPlan): NetSpec {
  const { name, block, widths, innerWidth = 1, stem, stemStride = 1, poolTo = 1, zeroInitResidual, init = 'he', outputStage = plan.blocks.length, dropPath = 0 } = plan;
  const blocks = plan.blocks.slice(0, outputStage);
  const rates = dropRates(plan.blocks.reduce((total, count) => total + count), dropPath);
  const least = (stem === 'imagenet' ? 4 : stemStride) * 2 ** (blocks.length - 1);
  return {
    name,
    build: (inputShape, seed) => {
      const build = builder(seed, init);
      const image = imageInput(name, inputShape, least, stem === 'imagenet' ? "; for small images give { stem: 'cifar' }" : '');
      let x = build.conv(image, 'conv1', widths[0]!, stem === 'imagenet' ? 7 : 3, stem === 'imagenet' ? 2 : stemStride);
      x = build.norm(x, 'bn1', { relu: true });
      if (stem === 'imagenet') x = maxPool2d({ name: 'maxpool', size: 3, strides: 2, padding: 1 }).apply(x) as SymbolicTensor;
      const buildBlock = block === 'basic' ? basicBlock : bottleneckBlock;
      let built = 0;
      for (const [stage, count] of blocks.entries()) {
        const stageWidth = widths[stage]!;
        for (let index = 0; index < count; index++) {
          x = buildBlock(build, x, {
            name: `layer${stage + 1}.${index}`,
            inner: stageWidth * innerWidth,
            out: block === 'basic' ? stageWidth : 4 * stageWidth,
            strides: stage > 0 && index === 0 ? 2 : 1,
            initialGamma: zeroInitResidual ? 0 : 1,
            drop: rates[built++]!,
          });
        }
      }
      refuseCells(name, poolTo, x);
      return model({ inputs: image, outputs: pooledOrMap(x, plan, poolTo), name });
    },
  };
}
