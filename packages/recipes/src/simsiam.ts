import { grayscaleViews, simsiamCifar, simsiamImageNet } from '@selfsup/augment';
import { simsiamPredictor, simsiamProjector } from '@selfsup/heads';
import type { NetSpec } from '@selfsup/layers';
import { negativeCosine } from '@selfsup/losses';
import { cosine, cosinePerEpoch, scaledLearningRate, sgd } from '@selfsup/optim';
import { stopGradient } from '@selfsup/targets';
import type { TargetStrategy } from '@selfsup/targets';
import type { Method } from '@selfsup/train';
import type { MethodInput, Preset } from './preset.ts';
import { siamese } from './siamese.ts';

/** What of SimSiam may differ from the paper. */
export interface SimSiamOptions extends MethodInput {
  /** Three layers of 2048 with BN on all, the last without affine parameters, by default. */
  readonly projector?: NetSpec;
  /** 2048 → 512 · BN · ReLU → 2048 by default. `null` is an ablation that collapses. */
  readonly predictor?: NetSpec | null;
  /** The network itself behind a stop-gradient by default. `noStopGradient()` is the ablation that collapses. */
  readonly target?: TargetStrategy;
}

/**
 * SimSiam: one network on both sides, a predictor on one and a stop-gradient on the other.
 *
 * L = −½·cos(p_a, sg(z_b)) − ½·cos(p_b, sg(z_a)).
 * @see Chen & He 2021, https://arxiv.org/abs/2011.10566; facebookresearch/simsiam `main_simsiam.py`, `simsiam/builder.py`
 */
export function simsiam(options: SimSiamOptions): Method<'a' | 'b'> {
  const { projector = simsiamProjector(), predictor = simsiamPredictor(), target = stopGradient(), ...input } = options;
  return siamese({ name: 'simsiam', ...input, projector, predictor, target, loss: negativeCosine, directions: 'mean' });
}

/** SimSiam's hyper-parameters, by name. */
export const simsiamPresets: readonly Preset[] = [
  {
    name: 'imagenet',
    source: 'facebookresearch/simsiam main_simsiam.py; weight decay on all parameters, predictor at a fixed rate',
    epochs: 100,
    batchSize: 512,
    method: simsiam,
    views: ({ size }) => simsiamImageNet({ size }),
    optimizer: ({ batchSize, learningRate = scaledLearningRate(0.05, batchSize) }) =>
      sgd({
        learningRate: cosinePerEpoch(learningRate),
        momentum: 0.9,
        weightDecay: 1e-4,
        groups: ({ group }) => (group === 'predictor' ? { learningRate } : {}),
      }),
  },
  {
    name: 'cifar',
    source: 'the paper, appendix D: two-layer projector, ResNet-18 with the CIFAR stem',
    epochs: 800,
    batchSize: 512,
    method: (input) => simsiam({ ...input, projector: simsiamProjector({ layers: 2 }) }),
    views: ({ size }) => simsiamCifar({ size }),
    optimizer: ({ batchSize, learningRate = scaledLearningRate(0.03, batchSize) }) =>
      sgd({
        learningRate: cosinePerEpoch(learningRate),
        momentum: 0.9,
        weightDecay: 5e-4,
      }),
  },
  {
    name: 'small',
    source: 'ours, for images of 28–64 px and minutes of training',
    epochs: 10,
    batchSize: 128,
    method: (input) =>
      simsiam({
        ...input,
        projector: simsiamProjector({ layers: 2, dim: 1024 }),
        predictor: simsiamPredictor({ hidden: 256, out: 1024 }),
      }),
    views: ({ size, channels }) => (channels === 3 ? simsiamCifar({ size }) : grayscaleViews({ size, channels, brightness: 0.8, contrast: 0.8 })),
    optimizer: ({ batchSize, learningRate: base = scaledLearningRate(0.4, batchSize) }) =>
      sgd({ learningRate: cosine({ base }), momentum: 0.9, weightDecay: 1e-4 }),
  },
];
