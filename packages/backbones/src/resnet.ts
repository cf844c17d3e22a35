import type { NetSpec } from '@selfsup/layers';
import { BackbonesError } from './error.ts';
import { residualNetwork } from './residual-network.ts';
import type { BlockKind } from './residual-network.ts';

export interface ResNetOptions {
  /** `imagenet`: 7×7 stride 2 and max-pooling. `cifar`: 3×3 stride 1 and no pooling, for 28 to 64 pixels. */
  readonly stem?: 'cifar' | 'imagenet';
  /** Multiplies all channels, the stem's too: 2 and 4 are the wide networks of the BYOL paper. */
  readonly width?: number;
  /** Start γ of each block's last normalisation at 0, as the official SimSiam does. */
  readonly zeroInitResidual?: boolean;
}

const known: readonly string[] = ['stem', 'width', 'zeroInitResidual'];

function resnet(depth: number, block: BlockKind, blocks: readonly number[], options: ResNetOptions): NetSpec {
  const unknown = Object.keys(options).find((option) => !known.includes(option));
  const { stem = 'imagenet', width = 1, zeroInitResidual = false } = options;
  const problem =
    unknown === undefined
      ? stem !== 'cifar' && stem !== 'imagenet'
        ? `stem is ${String(stem)}; it takes 'cifar' or 'imagenet'`
        : Number.isInteger(64 * width) && width > 0
          ? undefined
          : `width is ${String(width)}; it takes a positive multiple of 1/64`
      : `there is no option ${unknown}; the options are ${known.join(', ')}`;
  if (problem !== undefined) throw new BackbonesError('invalid-option', `resnet${depth}: ${problem}.`);
  const name = `resnet${depth}${width === 1 ? '' : `x${width}`}${stem === 'cifar' ? '-cifar' : ''}`;
  return residualNetwork({ name, block, blocks, width: 64 * width, stem, zeroInitResidual });
}

/**
 * ResNet-18: `[height, width, channels]` → features `[512·width]`, 11,176,512 trainable weights.
 *
 * Layers and their names are torchvision's without `fc`: stride on the first 3×3 convolution of a stage, padding on all
 * four sides, He initialisation by fan-out.
 *
 * @throws BackbonesError `invalid-option`; `shape-mismatch` from `build`
 * @see He et al. 2015, https://arxiv.org/abs/1512.03385; torchvision `models/resnet.py`
 */
export function resnet18(options: ResNetOptions = {}): NetSpec {
  return resnet(18, 'basic', [2, 2, 2, 2], options);
}

/** ResNet-34: features `[512·width]`, 21,284,672 trainable weights; otherwise as {@link resnet18}. */
export function resnet34(options: ResNetOptions = {}): NetSpec {
  return resnet(34, 'basic', [3, 4, 6, 3], options);
}

/**
 * ResNet-50 "v1.5": features `[2048·width]`, 23,508,032 trainable weights; otherwise as {@link resnet18}.
 *
 * The stride is on the 3×3 convolution of a bottleneck, where the paper has it on the first 1×1.
 */
export function resnet50(options: ResNetOptions = {}): NetSpec {
  return resnet(50, 'bottleneck', [3, 4, 6, 3], options);
}

/** ResNet-101: features `[2048·width]`, 42,500,160 trainable weights; otherwise as {@link resnet50}. */
export function resnet101(options: ResNetOptions = {}): NetSpec {
  return resnet(101, 'bottleneck', [3, 4, 23, 3], options);
}

/** ResNet-152: features `[2048·width]`, 58,143,808 trainable weights; otherwise as {@link resnet50}. */
export function resnet152(options: ResNetOptions = {}): NetSpec {
  return resnet(152, 'bottleneck', [3, 8, 36, 3], options);
}

/**
 * ResNet-200: features `[2048·width]`; otherwise as {@link resnet50}. With `width: 2` it is BYOL's largest encoder.
 *
 * @see deepmind-research `byol/utils/networks.py`, blocks 3, 24, 36, 3
 */
export function resnet200(options: ResNetOptions = {}): NetSpec {
  return resnet(200, 'bottleneck', [3, 24, 36, 3], options);
}
