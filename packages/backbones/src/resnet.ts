import type { NetSpec } from '@selfsup/layers';
import { featureRules, featureSuffix } from './features.ts';
import type { FeatureOptions } from './features.ts';
import { checkOptions, multipleOf, oneOf, rules } from './options.ts';
import { residualNetwork } from './residual-network.ts';
import type { BlockKind } from './residual-network.ts';

export interface ResNetOptions extends FeatureOptions {
  /** `imagenet`: 7×7 stride 2 and max-pooling. `cifar`: 3×3 stride 1 and no pooling, for 28 to 64 pixels. */
  readonly stem?: 'cifar' | 'imagenet';
  /** Multiplies all channels, the stem's too: 2 and 4 are the wide networks of the BYOL paper. */
  readonly width?: number;
  /** Start γ of each block's last normalisation at 0, as the official SimSiam does. */
  readonly zeroInitResidual?: boolean;
}

const known = { stem: oneOf('cifar', 'imagenet'), width: multipleOf(64), zeroInitResidual: rules.flag, ...featureRules(4) };

interface Plan {
  readonly block: BlockKind;
  readonly blocks: readonly number[];
  readonly innerWidth?: number;
}

function resnet(network: string, plan: Plan, options: ResNetOptions): NetSpec {
  checkOptions(network, options, known);
  const { stem = 'imagenet', width = 1, zeroInitResidual = false } = options;
  const name = `${network}${width === 1 ? '' : `x${width}`}${stem === 'cifar' ? '-cifar' : ''}${featureSuffix(options)}`;
  const widths = plan.blocks.map((_, stage) => 64 * width * 2 ** stage);
  return residualNetwork({ ...options, ...plan, name, widths, stem, zeroInitResidual });
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
  return resnet('resnet18', { block: 'basic', blocks: [2, 2, 2, 2] }, options);
}

/** ResNet-34: features `[512·width]`, 21,284,672 trainable weights; otherwise as {@link resnet18}. */
export function resnet34(options: ResNetOptions = {}): NetSpec {
  return resnet('resnet34', { block: 'basic', blocks: [3, 4, 6, 3] }, options);
}

/**
 * ResNet-50 "v1.5": features `[2048·width]`, 23,508,032 trainable weights; otherwise as {@link resnet18}.
 *
 * The stride is on the 3×3 convolution of a bottleneck, where the paper has it on the first 1×1.
 */
export function resnet50(options: ResNetOptions = {}): NetSpec {
  return resnet('resnet50', { block: 'bottleneck', blocks: [3, 4, 6, 3] }, options);
}

/** ResNet-101: features `[2048·width]`, 42,500,160 trainable weights; otherwise as {@link resnet50}. */
export function resnet101(options: ResNetOptions = {}): NetSpec {
  return resnet('resnet101', { block: 'bottleneck', blocks: [3, 4, 23, 3] }, options);
}

/** ResNet-152: features `[2048·width]`, 58,143,808 trainable weights; otherwise as {@link resnet50}. */
export function resnet152(options: ResNetOptions = {}): NetSpec {
  return resnet('resnet152', { block: 'bottleneck', blocks: [3, 8, 36, 3] }, options);
}

/**
 * ResNet-200: features `[2048·width]`; otherwise as {@link resnet50}. With `width: 2` it is BYOL's largest encoder.
 *
 * @see deepmind-research `byol/utils/networks.py`, blocks 3, 24, 36, 3
 */
export function resnet200(options: ResNetOptions = {}): NetSpec {
  return resnet('resnet200', { block: 'bottleneck', blocks: [3, 24, 36, 3] }, options);
}

/**
 * Wide ResNet-50-2: features `[2048·width]`, 66,834,240 trainable weights. A ResNet-50 with twice the channels inside of its bottlenecks
 * and the same channels between them; otherwise as {@link resnet50}.
 *
 * @see Zagoruyko and Komodakis 2016, https://arxiv.org/abs/1605.07146; torchvision `models/resnet.py`
 */
export function wideResNet50x2(options: ResNetOptions = {}): NetSpec {
  return resnet('wide_resnet50_2', { block: 'bottleneck', blocks: [3, 4, 6, 3], innerWidth: 2 }, options);
}

/** Wide ResNet-101-2: features `[2048·width]`; otherwise as {@link wideResNet50x2}. */
export function wideResNet101x2(options: ResNetOptions = {}): NetSpec {
  return resnet('wide_resnet101_2', { block: 'bottleneck', blocks: [3, 4, 23, 3], innerWidth: 2 }, options);
}
