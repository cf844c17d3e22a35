import { batchNorm, conv2d, globalAveragePool, layerSeed, maxPool2d } from '@selfsup/layers';
import type { NetSpec } from '@selfsup/layers';
import type { SymbolicTensor } from '@tensorflow/tfjs-layers';
import { input as inputLayer, model } from '@tensorflow/tfjs-layers';
import { BackbonesError } from './error.ts';

/** `basic`: two 3×3 convolutions. `bottleneck`: 1×1, 3×3, 1×1 with four times the channels out. */
export type BlockKind = 'basic' | 'bottleneck';

/** The plan of a residual network; the networks of this package are values of it. */
export interface ResidualPlan {
  readonly name: string;
  readonly block: BlockKind;
  /** Blocks per stage; stage i has `width`·2^i channels and, but for the first, halves the image. */
  readonly blocks: readonly number[];
  /** Channels of the stem and of the first stage. */
  readonly width: number;
  /** `imagenet`: 7×7 stride 2, then max-pooling. `cifar`: 3×3 stride 1. */
  readonly stem: 'cifar' | 'imagenet';
  /** Start γ of each block's last normalisation at 0, so that every block starts as the identity. */
  readonly zeroInitResidual: boolean;
}

/** One layer after the other, each named as torchvision names it and drawn from its own seed. */
interface Builder {
  readonly conv: (x: SymbolicTensor, name: string, filters: number, kernelSize: number, strides: number) => SymbolicTensor;
  readonly norm: (x: SymbolicTensor | SymbolicTensor[], name: string, options: { relu: boolean; initialGamma?: number }) => SymbolicTensor;
}

function builder(seed: number): Builder {
  return {
    conv: (x, name, filters, kernelSize, strides) =>
      conv2d({ name, filters, kernelSize, strides, padding: 'same', seed: layerSeed(seed, name) }).apply(x) as SymbolicTensor,
    norm: (x, name, options) => batchNorm({ name, ...options }).apply(x) as SymbolicTensor,
  };
}

interface BlockPlan {
  readonly name: string;
  readonly channels: number;
  readonly out: number;
  readonly strides: number;
  readonly initialGamma: number;
}

function basicBlock({ conv, norm }: Builder, x: SymbolicTensor, plan: BlockPlan): SymbolicTensor {
  const { name, channels, strides, initialGamma } = plan;
  let y = norm(conv(x, `${name}.conv1`, channels, 3, strides), `${name}.bn1`, { relu: true });
  y = conv(y, `${name}.conv2`, channels, 3, 1);
  return norm([y, shortcut({ conv, norm }, x, plan)], `${name}.bn2`, { relu: true, initialGamma });
}

function bottleneckBlock({ conv, norm }: Builder, x: SymbolicTensor, plan: BlockPlan): SymbolicTensor {
  const { name, channels, out, strides, initialGamma } = plan;
  let y = norm(conv(x, `${name}.conv1`, channels, 1, 1), `${name}.bn1`, { relu: true });
  y = norm(conv(y, `${name}.conv2`, channels, 3, strides), `${name}.bn2`, { relu: true });
  y = conv(y, `${name}.conv3`, out, 1, 1);
  return norm([y, shortcut({ conv, norm }, x, plan)], `${name}.bn3`, { relu: true, initialGamma });
}

function shortcut({ conv, norm }: Builder, x: SymbolicTensor, { name, out, strides }: BlockPlan): SymbolicTensor {
  if (strides === 1 && x.shape[3] === out) return x;
  return norm(conv(x, `${name}.downsample.0`, out, 1, strides), `${name}.downsample.1`, { relu: false });
}

/** Makes the `NetSpec` of a plan: `[height, width, channels]` → pooled features `[dim]`. */
export function residualNetwork(plan: ResidualPlan): NetSpec {
  const { name, block, blocks, width, stem, zeroInitResidual } = plan;
  const smallest = (stem === 'imagenet' ? 4 : 1) * 2 ** (blocks.length - 1);
  return {
    name,
    build: (inputShape, seed) => {
      const [height = 0, breadth = 0, channels = 0] = inputShape;
      if (inputShape.length !== 3 || height < smallest || breadth < smallest || channels < 1) {
        throw new BackbonesError(
          'shape-mismatch',
          `${name} was given [${inputShape.join(', ')}]; it takes [height, width, channels] of at least ${smallest}×${smallest} pixels${stem === 'imagenet' ? "; for small images give { stem: 'cifar' }" : ''}.`,
        );
      }
      const layersOf = builder(seed);
      const image = inputLayer({ shape: [height, breadth, channels], name: 'image' });
      let x = layersOf.conv(image, 'conv1', width, stem === 'imagenet' ? 7 : 3, stem === 'imagenet' ? 2 : 1);
      x = layersOf.norm(x, 'bn1', { relu: true });
      if (stem === 'imagenet') x = maxPool2d({ name: 'maxpool', size: 3, strides: 2, padding: 1 }).apply(x) as SymbolicTensor;
      const build = block === 'basic' ? basicBlock : bottleneckBlock;
      for (const [stage, count] of blocks.entries()) {
        const stageWidth = width * 2 ** stage;
        for (let index = 0; index < count; index++) {
          x = build(layersOf, x, {
            name: `layer${stage + 1}.${index}`,
            channels: stageWidth,
            out: block === 'basic' ? stageWidth : 4 * stageWidth,
            strides: stage > 0 && index === 0 ? 2 : 1,
            initialGamma: zeroInitResidual ? 0 : 1,
          });
        }
      }
      const features = globalAveragePool({ name: 'avgpool' }).apply(x) as SymbolicTensor;
      return model({ inputs: image, outputs: features, name });
    },
  };
}
