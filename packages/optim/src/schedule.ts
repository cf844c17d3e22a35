import { OptimError } from './error.ts';
import type { Schedule } from './step-info.ts';

/** The same value at every step. */
export function constant(value: number): Schedule {
  return () => value;
}

export interface CosineOptions {
  /** The value after warm-up. See `scaledLearningRate`. */
  readonly base: number;
  /** Length of the linear warm-up from 0, in epochs (may be fractional) or in optimizer steps; not both. Default 0. */
  readonly warmupEpochs?: number;
  readonly warmupSteps?: number;
  /** The value at the end of the training. Default 0. */
  readonly end?: number;
  /** Whether the decay moves at every step (BYOL) or once per epoch (SimSiam). The warm-up moves at every step. Default `step`. */
  readonly per?: 'step' | 'epoch';
}

/**
 * Linear warm-up, then half a cosine: base·k/W for k < W, else end + (base − end)·½(1 + cos(π(k − W)/(K − W))).
 *
 * k is the number of optimizer steps already taken (per `epoch`: before this epoch), K their number in the whole training,
 * W the warm-up's. The first step of a warm-up has the value 0, as in the official code; after K the value stays at `end`.
 * @throws OptimError `invalid-option` for two warm-ups or a negative one
 * @see deepmind-research `byol/utils/schedules.py`, `learning_schedule`; facebookresearch/simsiam `main_simsiam.py`, `adjust_learning_rate`
 */
export function cosine({ base, warmupEpochs, warmupSteps, end = 0, per = 'step' }: CosineOptions): Schedule {
  if (warmupEpochs !== undefined && warmupSteps !== undefined) {
    throw new OptimError(
      'invalid-option',
      `cosine was given warmupEpochs ${warmupEpochs} and warmupSteps ${warmupSteps}, but it takes one of them.`,
    );
  }
  if (!((warmupEpochs ?? warmupSteps ?? 0) >= 0)) {
    throw new OptimError('invalid-option', `cosine was given a warm-up of ${warmupEpochs ?? warmupSteps}, but it must be at least 0.`);
  }
  return ({ step, totalSteps, epoch, stepsPerEpoch }) => {
    const warmup = warmupSteps ?? (warmupEpochs ?? 0) * stepsPerEpoch;
    if (step < warmup) return (base * step) / warmup;
    const now = per === 'epoch' ? Math.max(epoch * stepsPerEpoch, warmup) : step;
    const progress = now < totalSteps ? (now - warmup) / (totalSteps - warmup) : 1;
    return end + (base - end) * 0.5 * (1 + Math.cos(Math.PI * progress));
  };
}

/** SimSiam's learning rate: base·½(1 + cos(π·epoch/epochs)), without warm-up. The same as `cosine({ base, per: 'epoch' })`. */
export function cosinePerEpoch(base: number): Schedule {
  return cosine({ base, per: 'epoch' });
}

/**
 * The linear scaling rule: base · batchSize / 256.
 * @see Goyal et al. 2017, https://arxiv.org/abs/1706.02677
 */
export function scaledLearningRate(base: number, batchSize: number): number {
  return (base * batchSize) / 256;
}
