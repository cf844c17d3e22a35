import type { NetSpec } from '@selfsup/layers';
import { checkOptions, oneOf, rules } from './options.ts';
import { residualNetwork } from './residual-network.ts';

export interface SmallResNetOptions {
  /** Channels of the stem and the first stage; each further stage doubles them. */
  readonly width?: number;
  readonly stages?: number;
  readonly blocksPerStage?: number;
  /** Start γ of each block's last normalisation at 0. */
  readonly zeroInitResidual?: boolean;
  /**
   * How convolutions start: `he`, N(0, 2/fan-out) as torchvision's ResNets, or `torch`, PyTorch's default U(±1/√fan-in), from which a few
   * hundred steps get further with batch normalisation (docs/results.md).
   */
  readonly init?: 'he' | 'torch';
}

/**
 * A narrow ResNet for 28 to 32 pixels that trains on a CPU: `[height, width, channels]` → features `[width·2^(stages−1)]`.
 *
 * A 3×3 stem and stages of basic blocks with strides 1, 2, 2, …: the CIFAR layout of He et al., section 4.2, with a
 * 1×1 convolution where a shortcut changes shape (their option B).
 *
 * @throws BackbonesError `invalid-option`; `shape-mismatch` from `build`
 * @see https://arxiv.org/abs/1512.03385
 */
export function smallResNet(options: SmallResNetOptions = {}): NetSpec {
  const { width = 16, stages = 3, blocksPerStage = 1, zeroInitResidual = false, init = 'he' } = options;
  checkOptions('smallResNet', options, {
    width: rules.natural,
    stages: rules.natural,
    blocksPerStage: rules.natural,
    zeroInitResidual: rules.flag,
    init: oneOf('he', 'torch'),
  });
  return residualNetwork({
    name: `small-resnet-${2 * stages * blocksPerStage + 2}-w${width}`,
    block: 'basic',
    blocks: Array.from({ length: stages }, () => blocksPerStage),
    width,
    stem: 'cifar',
    zeroInitResidual,
    init,
  });
}
