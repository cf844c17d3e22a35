import type { NetSpec } from '@selfsup/layers';
import { BackbonesError } from './error.ts';
import { checkOptions, oneOf, rules, upTo } from './options.ts';
import { residualNetwork } from './residual-network.ts';
import type { BlockKind } from './residual-network.ts';

export interface SmallResNetOptions {
  /** Channels of the stem and the first stage; each further stage doubles them. */
  readonly width?: number;
  readonly stages?: number;
  /** Channels of every stage, in place of `width` and `stages`. */
  readonly widths?: readonly number[];
  readonly blocksPerStage?: number;
  /** `basic`: two 3×3 convolutions. `bottleneck`: 1×1, 3×3 and 1×1, with four times the channels out, for wide features at little cost. */
  readonly block?: BlockKind;
  /** Of the stem, 1 or 2: 2 takes a quarter of the time, and the finest details. */
  readonly stride?: number;
  /**
   * Features are the means of so many cells a side of the last map, and as many times more of them: 2 keeps the quarters of the image apart,
   * where 1, global average pooling, forgets where things were.
   */
  readonly poolTo?: number;
  /** Start γ of each block's last normalisation at 0. */
  readonly zeroInitResidual?: boolean;
  /**
   * How convolutions start: `he`, N(0, 2/fan-out) as torchvision's ResNets, or `torch`, PyTorch's default U(±1/√fan-in), from which a few
   * hundred steps get further with batch normalisation (docs/results.md).
   */
  readonly init?: 'he' | 'torch';
}

/**
 * A narrow ResNet for 28 to 32 pixels that trains on a CPU: `[height, width, channels]` → features `[width·2^(stages−1)]`, or of the last
 * of `widths`; four times as many with bottlenecks, and poolTo² times as many with cells.
 *
 * A 3×3 stem and stages of blocks with strides 1, 2, 2, …: the CIFAR layout of He et al., section 4.2, with a
 * 1×1 convolution where a shortcut changes shape (their option B).
 *
 * @throws BackbonesError `invalid-option`; `shape-mismatch` from `build`
 * @see https://arxiv.org/abs/1512.03385
 */
export function smallResNet(options: SmallResNetOptions = {}): NetSpec {
  const { width = 16, stages = 3, widths, blocksPerStage = 1, block = 'basic', stride = 1, poolTo = 1, zeroInitResidual = false, init = 'he' } = options;
  checkOptions('smallResNet', options, {
    width: rules.natural,
    stages: rules.natural,
    widths: rules.naturals,
    blocksPerStage: rules.natural,
    block: oneOf('basic', 'bottleneck'),
    stride: upTo(2),
    poolTo: rules.natural,
    zeroInitResidual: rules.flag,
    init: oneOf('he', 'torch'),
  });
  if (widths && (options.width !== undefined || options.stages !== undefined)) {
    throw new BackbonesError('invalid-option', 'smallResNet: widths are given beside width or stages; give either the list or the two numbers.');
  }
  const channels = widths ?? Array.from({ length: stages }, (_, stage) => width * 2 ** stage);
  const depth = (block === 'basic' ? 2 : 3) * channels.length * blocksPerStage + 2;
  return residualNetwork({
    name: `small-resnet-${depth}-w${widths ? widths.join('-') : width}${block === 'basic' ? '' : `-${block}`}${stride === 1 ? '' : `-s${stride}`}${poolTo === 1 ? '' : `-p${poolTo}`}`,
    block,
    blocks: channels.map(() => blocksPerStage),
    widths: channels,
    stem: 'cifar',
    stemStride: stride,
    poolTo,
    zeroInitResidual,
    init,
  });
}
