import { grayscaleViews, simsiamCifar } from '@selfsup/augment';
import { trainingPass } from '@selfsup/layers';
import { outputStd } from '@selfsup/losses';
import { sgd } from '@selfsup/optim';
import type { Method } from '@selfsup/train';
import { scalar } from '@tensorflow/tfjs-core';
import type { Variable } from '@tensorflow/tfjs-core';
import type { MethodInput, Preset } from './preset.ts';

/**
 * The baseline that learns nothing: f keeps its random weights, and only the running statistics of its normalisation see images.
 *
 * The loss is 0 and there is nothing to train. Metric: `std`, as in siamese methods, of the features.
 */
export function random({ encoder: spec, inputShape, seed }: MethodInput): Method<'image'> {
  const encoder = spec.build(inputShape, seed);
  const state = encoder.weights.map((weight, index) => ({ name: `encoder/${index}`, variable: weight.read() as Variable }));
  return {
    name: 'random',
    views: ['image'],
    encoder,
    parameters: () => [],
    loss: ({ image }) => ({ loss: scalar(0), metrics: { std: outputStd(trainingPass(encoder, image)) } }),
    state: () => state,
    dispose: () => void encoder.dispose(),
  };
}

/** How the random baseline is run: one pass for the statistics. */
export const randomPresets: readonly Preset<'image'>[] = [
  {
    name: 'small',
    source: 'ours',
    epochs: 1,
    batchSize: 128,
    method: random,
    views: ({ size, channels }) => ({ image: (channels === 3 ? simsiamCifar({ size }) : grayscaleViews({ size, channels })).a }),
    optimizer: () => sgd({ learningRate: 0 }),
  },
];
