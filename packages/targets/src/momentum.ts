import { TargetError } from './error.ts';
import type { TargetStep } from './target.ts';

/** τ at a step, in [0, 1]: how much of the target an update keeps. */
export type MomentumSchedule = (at: TargetStep) => number;

/**
 * BYOL's momentum: τ_k = end − (end − start)·½(1 + cos(πk/K)), from `start` at k = 0 to `end` at k = K, and `end` after it.
 *
 * k counts the optimizer steps before the one that the update follows, as the official code's `global_step` does: the
 * first update of a training uses `start`, its last one (k = K − 1) stays just below `end`.
 * @param end deviates from 1 only if asked
 * @throws TargetError `invalid-momentum` for a value outside of [0, 1]
 * @see Grill et al. 2020, https://arxiv.org/abs/2006.07733, section 3.3; deepmind-research `byol/utils/schedules.py`, `target_ema`
 */
export function cosineMomentum(start: number, end = 1): MomentumSchedule {
  checkMomentum(start);
  checkMomentum(end);
  return ({ step, totalSteps }) => {
    const progress = step < totalSteps ? step / totalSteps : 1;
    return end - (end - start) * 0.5 * (1 + Math.cos(Math.PI * progress));
  };
}

/** @throws TargetError `invalid-momentum` unless 0 ≤ momentum ≤ 1 */
export function checkMomentum(momentum: number): void {
  if (momentum >= 0 && momentum <= 1) return;
  throw new TargetError(
    'invalid-momentum',
    `The target momentum is ${momentum}, but it must lie between 0 (copy the online network) and 1 (keep the target).`,
  );
}
