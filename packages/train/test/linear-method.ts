import { add, mean, mul, square, sub, tidy, variable, zeros } from '@tensorflow/tfjs-core';
import type { Scalar, Tensor2D, Tensor4D } from '@tensorflow/tfjs-core';
import { initializers, layers, sequential } from '@tensorflow/tfjs-layers';
import { viewBatches } from '@selfsup/data';
import type { ImageSource, ViewBatches, ViewRenderer } from '@selfsup/data';
import { parametersOf } from '@selfsup/optim';
import type { Method } from '@selfsup/train';

export interface Recorded {
  readonly afterSteps: number[];
}

/** Two views of an image through one linear map shall be alike, and of the size of a running average: a method with state. */
export function linearMethod(seed: number, recorded: Recorded = { afterSteps: [] }): Method<'a' | 'b'> {
  const encoder = sequential({
    layers: [
      layers.flatten({ inputShape: [2, 2, 1], name: 'flatten' }),
      layers.dense({ units: 3, kernelInitializer: initializers.glorotUniform({ seed }), name: 'dense' }),
    ],
  });
  const average = tidy(() => variable(zeros([3]), false));
  const f = (x: Tensor4D): Tensor2D => encoder.apply(x, { training: true }) as Tensor2D;
  return {
    name: 'linear',
    views: ['a', 'b'],
    encoder,
    parameters: () => parametersOf(encoder, 'encoder'),
    loss: ({ a, b }) => {
      const za = f(a);
      const zb = f(b);
      const loss = add<Scalar>(mean(square(sub(za, zb))), mean(square(sub(sub(za, 1), average))));
      return { loss, metrics: { size: mean<Scalar>(square(za)) } };
    },
    afterStep: ({ step }) => {
      recorded.afterSteps.push(step);
      tidy(() => average.assign(add(mul(average, 0.9), mul(encoder.getWeights()[1]!, 0.1))));
    },
    state: () => [{ name: 'average', variable: average }],
    dispose: () => {
      encoder.dispose();
      average.dispose();
    },
  };
}

const source: ImageSource = {
  name: 'ramp',
  length: 20,
  channels: 1,
  size: { height: 2, width: 2 },
  read: (index) => ({ data: Uint8Array.from([index, 2 * index, 40 - index, 7]), height: 2, width: 2, channels: 1 }),
  labels: null,
  classes: null,
};

/** 20 images in batches of 4; the two views differ by a shift drawn from the key. */
export function rampBatches(scale = 1): ViewBatches<'a' | 'b'> {
  const view: ViewRenderer = {
    height: 2,
    width: 2,
    channels: 1,
    render: ({ data }, key, out) => {
      for (let i = 0; i < 4; i++) out[i] = scale * (data[i]! / 40 + 0.1 * Math.sin(key.index + 3 * key.view + key.epoch));
    },
  };
  return viewBatches(source, { views: { a: view, b: view }, batchSize: 4, seed: 9 });
}
