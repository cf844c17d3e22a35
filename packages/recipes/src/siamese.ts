import { add, concat, mul, slice, split } from '@tensorflow/tfjs-core';
import type { Scalar, Tensor2D } from '@tensorflow/tfjs-core';
import { trainingPass } from '@selfsup/layers';
import type { NetSpec } from '@selfsup/layers';
import { outputStd } from '@selfsup/losses';
import { parametersOf } from '@selfsup/optim';
import type { TargetStrategy } from '@selfsup/targets';
import type { Method, NamedVariable } from '@selfsup/train';
import { branch, outputDim, statisticsOf } from './branch.ts';

export { branch } from './branch.ts';
export type { Branch, BranchOptions } from './branch.ts';

/** The choices that make a siamese method. */
export interface SiameseOptions {
  readonly name: string;
  /** f */
  readonly encoder: NetSpec;
  readonly projector: NetSpec;
  /** `null` compares the online projection itself with the target's: an ablation that collapses. */
  readonly predictor: NetSpec | null;
  readonly target: TargetStrategy;
  /** (prediction, target projection), both `[batch, dim]` → scalar, averaged over the batch. */
  readonly loss: (prediction: Tensor2D, target: Tensor2D) => Scalar;
  /** How the two directions a→b and b→a are joined: BYOL sums, SimSiam averages. */
  readonly directions: 'sum' | 'mean';
  /** `[height, width, channels]` of a view. */
  readonly inputShape: readonly [number, number, number];
  /** Draws every initial weight. */
  readonly seed: number;
}

/**
 * A siamese method: each view's online prediction is compared with the other view's target projection.
 *
 * L = join(ℓ(h(z_a), target(b)), ℓ(h(z_b), target(a))) with z = projector(f(view)).
 * Both views pass a network together, and batch normalisation never mixes them: it takes the statistics of each, and the
 * running statistics move once per view, as if each had been forwarded on its own.
 */
export function siamese(options: SiameseOptions): Method<'a' | 'b'> {
  const { name, target: strategy, loss: pairLoss, directions, seed } = options;
  const online = branch(options);
  const dim = outputDim(online.projector);
  const predictor = options.predictor?.build([dim], seed + 2) ?? null;
  const target = strategy.init(online, seed + 3);

  const parameters = [
    ...parametersOf(online.encoder, 'encoder'),
    ...parametersOf(online.projector, 'projector'),
    ...(predictor ? parametersOf(predictor, 'predictor') : []),
  ];
  const statistics = [...online.statistics, ...(predictor ? statisticsOf(predictor) : [])];
  const state: NamedVariable[] = [
    ...statistics.map((variable, index) => ({ name: `online/statistic-${index}`, variable })),
    ...target.variables.map((variable, index) => ({ name: `target/${index}`, variable })),
  ];
  const predict = (z: Tensor2D): Tensor2D => (predictor ? trainingPass(predictor, z, 2) : z);

  return {
    name,
    views: ['a', 'b'],
    encoder: online.encoder,
    parameters: () => parameters,
    loss: ({ a, b }) => {
      const images = concat([a, b]);
      const z = online.project(images, 2);
      const [pa, pb] = split(predict(z), 2) as [Tensor2D, Tensor2D];
      const [ta, tb] = split(target.project(images, 2, z), 2) as [Tensor2D, Tensor2D];
      const sum = add<Scalar>(pairLoss(pa, tb), pairLoss(pb, ta));
      return {
        loss: directions === 'sum' ? sum : mul<Scalar>(sum, 0.5),
        metrics: { std: outputStd(slice(z, 0, a.shape[0])) },
      };
    },
    afterStep: target.update,
    state: () => state,
    dispose: () => {
      target.dispose();
      predictor?.dispose();
      online.dispose();
    },
  };
}
