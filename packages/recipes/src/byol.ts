import { byolCifar, byolImageNet, grayscaleViews } from '@selfsup/augment';
import { byolPredictor, byolProjector } from '@selfsup/heads';
import type { NetSpec } from '@selfsup/layers';
import { normalizedMse } from '@selfsup/losses';
import { cosine, lars, scaledLearningRate, sgd } from '@selfsup/optim';
import { cosineMomentum, ema } from '@selfsup/targets';
import type { TargetStrategy } from '@selfsup/targets';
import type { Method } from '@selfsup/train';
import type { MethodInput, Preset } from './preset.ts';
import { siamese } from './siamese.ts';

/** What of BYOL may differ from the paper. */
export interface ByolOptions extends MethodInput {
  /** d → 4096 · BN · ReLU → 256 by default. */
  readonly projector?: NetSpec;
  /** 256 → 4096 · BN · ReLU → 256 by default. */
  readonly predictor?: NetSpec | null;
  /** A moving average from .996 to 1 by default. `fixedRandom()` is the paper's random-target experiment. */
  readonly target?: TargetStrategy;
}

/**
 * BYOL: predict the projection of a target network whose weights are a moving average of the online ones.
 *
 * L = mean‖p̂_a − ẑ_b‖² + mean‖p̂_b − ẑ_a‖², summed over the two directions.
 * @see Grill et al. 2020, https://arxiv.org/abs/2006.07733; deepmind-research `byol/byol_experiment.py`
 */
export function byol(options: ByolOptions): Method<'a' | 'b'> {
  const {
    projector = byolProjector(),
    predictor = byolPredictor(),
    target = ema({ momentum: cosineMomentum(0.996) }),
    ...input
  } = options;
  return siamese({ name: 'byol', ...input, projector, predictor, target, loss: normalizedMse, directions: 'sum' });
}

interface PaperRun {
  readonly epochs: number;
  readonly learningRate: number;
  readonly weightDecay: number;
  readonly momentum: number;
}

function imageNet({ epochs, learningRate, weightDecay, momentum }: PaperRun): Preset {
  return {
    name: `imagenet-${epochs}`,
    source: `deepmind-research byol/configs/byol.py, ${epochs} epochs`,
    epochs,
    batchSize: 4096,
    method: (input) => byol({ ...input, target: ema({ momentum: cosineMomentum(momentum) }) }),
    views: ({ size }) => byolImageNet({ size }),
    optimizer: ({ batchSize, learningRate: base = scaledLearningRate(learningRate, batchSize) }) =>
      lars({
        learningRate: cosine({ base, warmupEpochs: 10 }),
        momentum: 0.9,
        weightDecay,
        trust: 1e-3,
      }),
  };
}

/** BYOL's hyper-parameters, by name. */
export const byolPresets: readonly Preset[] = [
  imageNet({ epochs: 40, learningRate: 0.45, weightDecay: 1e-6, momentum: 0.97 }),
  imageNet({ epochs: 100, learningRate: 0.45, weightDecay: 1e-6, momentum: 0.99 }),
  imageNet({ epochs: 300, learningRate: 0.3, weightDecay: 1e-6, momentum: 0.99 }),
  imageNet({ epochs: 1000, learningRate: 0.2, weightDecay: 1.5e-6, momentum: 0.996 }),
  {
    name: 'cifar',
    source: 'solo-learn scripts/pretrain/cifar/byol.yaml',
    epochs: 1000,
    batchSize: 256,
    method: (input) => byol({ ...input, target: ema({ momentum: cosineMomentum(0.99) }) }),
    views: ({ size }) => byolCifar({ size }),
    optimizer: ({ batchSize, learningRate: base = scaledLearningRate(1, batchSize) }) =>
      lars({
        learningRate: cosine({ base, warmupEpochs: 10 }),
        momentum: 0.9,
        weightDecay: 1e-5,
        trust: 0.02,
      }),
  },
  {
    name: 'small',
    source: 'ours, for images of 28–64 px and minutes of training',
    epochs: 10,
    batchSize: 128,
    method: (input) =>
      byol({
        ...input,
        projector: byolProjector({ hidden: 1024, out: 256 }),
        predictor: byolPredictor({ hidden: 1024, out: 256 }),
        target: ema({ momentum: cosineMomentum(0.97) }),
      }),
    views: ({ size, channels }) => (channels === 3 ? byolCifar({ size }) : grayscaleViews({ size, channels, brightness: 0.8, contrast: 0.8 })),
    optimizer: ({ batchSize, learningRate: base = scaledLearningRate(0.4, batchSize) }) =>
      sgd({ learningRate: cosine({ base }), momentum: 0.9, weightDecay: 1e-4 }),
  },
];
