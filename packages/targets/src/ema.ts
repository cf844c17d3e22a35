import { add, engine, getBackend, getKernel, mul, scalar, sub, tidy } from '@tensorflow/tfjs-core';
import type { Tensor, Variable } from '@tensorflow/tfjs-core';
import { withoutGradient } from './detach.ts';
import { TargetError } from './error.ts';
import { checkMomentum } from './momentum.ts';
import type { MomentumSchedule } from './momentum.ts';
import type { Network, Target, TargetStrategy } from './target.ts';

const KERNEL = 'SelfsupEmaUpdate';

export interface EmaOptions {
  /** τ in [0, 1], or a schedule of it: `cosineMomentum(0.996)` in BYOL. */
  readonly momentum: number | MomentumSchedule;
}

/**
 * BYOL's target: a second network that follows the online one, ξ ← ξ + (1 − τ)(θ − ξ) after each optimizer step.
 *
 * Starts as a copy of the online network, as lightly, solo-learn and most PyTorch code do. (The official code draws the
 * target's own initial weights, and remarks that it saw no significant difference.) Only parameters are averaged: the
 * target's batch normalisation sees its own batches and keeps its own running statistics.
 *
 * `update` reads τ at `at.step`, the number of optimizer steps before the one just taken (0 in the first update), and
 * answers it as `momentum`. One update is one kernel where the backend has `SelfsupEmaUpdate`, three per parameter elsewhere.
 * @throws TargetError `invalid-momentum` for a τ outside of [0, 1], at once or at the update that a schedule gives it to
 * @throws TargetError `twin-mismatch` from `init`, when the network's twin has other variables than the network
 * @see Grill et al. 2020, https://arxiv.org/abs/2006.07733, eq. 1; deepmind-research `byol/byol_experiment.py`, `_update_fn`
 */
export function ema({ momentum }: EmaOptions): TargetStrategy {
  if (typeof momentum === 'number') checkMomentum(momentum);
  const momentumAt: MomentumSchedule = typeof momentum === 'number' ? () => momentum : momentum;
  return { name: 'ema', init: (online, seed) => movingAverage(online, online.twin(seed), momentumAt) };
}

function movingAverage(online: Network, target: Network, momentumAt: MomentumSchedule): Target {
  const parameters = pair(target.parameters, online.parameters, 'parameters');
  const statistics = pair(target.statistics, online.statistics, 'statistics');
  for (const [to, from] of [...parameters, ...statistics]) to.assign(from);
  return {
    project: (images, views) => withoutGradient(() => target.project(images, views)),
    update: (at) => {
      const momentum = momentumAt(at);
      checkMomentum(momentum);
      tidy(() => average(parameters, momentum));
      return { momentum };
    },
    variables: [...target.parameters, ...target.statistics],
    dispose: target.dispose,
  };
}

type Pair = readonly [to: Variable, from: Variable];

/** ξ ← ξ + (1 − τ)(θ − ξ) for all pairs [ξ, θ]. */
function average(pairs: readonly Pair[], momentum: number): void {
  if (getKernel(KERNEL, getBackend()) === undefined) {
    const rate = scalar(1 - momentum);
    for (const [to, from] of pairs) to.assign(add(to, mul(sub(from, to), rate)));
    return;
  }
  const inputs = Object.fromEntries(pairs.flatMap(([to, from], i) => [[`t${i}`, to], [`o${i}`, from]]));
  const outputs: Tensor | Tensor[] = engine().runKernel(KERNEL, inputs, { momentum });
  for (const [i, next] of (outputs as unknown as Tensor[]).entries()) pairs[i]![0].assign(next);
}

function pair(
  target: readonly Variable[],
  online: readonly Variable[],
  what: string,
): readonly Pair[] {
  const [given, expected] = [shapes(target), shapes(online)];
  if (given !== expected) {
    throw new TargetError(
      'twin-mismatch',
      `The target's ${what} have the shapes ${given}, the online network's ${expected}; ` +
        '`twin` must answer a network of the same architecture with its variables in the same order.',
    );
  }
  return target.map((variable, i) => [variable, online[i]!]);
}

function shapes(variables: readonly Variable[]): string {
  return variables.map((variable) => `[${variable.shape.join(', ')}]`).join(' ');
}
