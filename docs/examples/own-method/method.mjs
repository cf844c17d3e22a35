import { concat, split } from '@tensorflow/tfjs-core';
import { simclrProjector } from '@selfsup/heads';
import { ntXent, outputStd } from '@selfsup/losses';
import { parametersOf } from '@selfsup/optim';

/** @typedef {import('@tensorflow/tfjs-core').Tensor2D} Tensor2D */

/**
 * SimCLR: of all views in a batch, find the one that shows the same image.
 * @see Chen et al. 2020, https://arxiv.org/abs/2002.05709
 *
 * @param {{
 *   readonly encoder: import('@selfsup/layers').NetSpec,
 *   readonly inputShape: readonly [height: number, width: number, channels: number],
 *   readonly seed: number,
 *   readonly temperature?: number,
 * }} options
 * @returns {import('@selfsup/train').Method<'a' | 'b'>}
 */
export function simclr({ encoder, inputShape, seed, temperature = 0.5 }) {
  const f = encoder.build(inputShape, seed);
  const dim = Number(f.outputs[0].shape[1]);
  const g = simclrProjector({ hidden: dim }).build([dim], seed + 1);
  const parameters = [...parametersOf(f, 'encoder'), ...parametersOf(g, 'projector')];
  const state = [f, g].flatMap((model) => model.nonTrainableWeights).map((weight, index) => ({
    name: `statistic-${index}`,
    variable: /** @type {import('@tensorflow/tfjs-core').Variable} */ (weight.read()),
  }));
  return {
    name: 'simclr',
    views: ['a', 'b'],
    encoder: f,
    parameters: () => parameters,
    state: () => state,
    loss: ({ a, b }) => {
      // Both views in one batch, so that batch normalisation sees them together, as the official code does.
      const features = f.apply(concat([a, b]), { training: true });
      const z = /** @type {Tensor2D} */ (g.apply(features, { training: true }));
      const [za, zb] = /** @type {Tensor2D[]} */ (split(z, 2));
      return { loss: ntXent(za, zb, { temperature }), metrics: { std: outputStd(za) } };
    },
    dispose: () => [f, g].forEach((model) => model.dispose()),
  };
}
