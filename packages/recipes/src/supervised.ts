import { cifar10Statistics, grayscaleViews, imageNetStatistics, randomCrop, randomFlip, randomResizedCrop, resize, simsiamCifar, viewPipeline } from '@selfsup/augment';
import { mlp } from '@selfsup/heads';
import { trainingPass } from '@selfsup/layers';
import { crossEntropy } from '@selfsup/losses';
import { cosine, cosinePerEpoch, parametersOf, scaledLearningRate, sgd } from '@selfsup/optim';
import { TrainError } from '@selfsup/train';
import type { Method } from '@selfsup/train';
import { argMax, cast, equal, mean, tensor1d } from '@tensorflow/tfjs-core';
import type { Scalar, Tensor1D, Tensor2D } from '@tensorflow/tfjs-core';
import { outputDim, statisticsOf } from './branch.ts';
import type { Labels, MethodInput, Preset } from './preset.ts';

/**
 * The supervised baseline: f and a linear classifier, trained with labels. What self-supervised encoders are compared with.
 *
 * L = −mean log softmax(W·f(image) + b) at the image's label. The labels are looked up by the indices of a batch's images; they
 * are never part of the batches. Metric: `accuracy` of the classifier on the batch, as a fraction.
 * @throws TrainError `invalid-options` without labels, or for one that is none of the classes
 */
export function supervised({ encoder: spec, inputShape, seed, labels }: MethodInput): Method<'image'> {
  const { values, classes } = checked(labels);
  const encoder = spec.build(inputShape, seed);
  const classifier = mlp({ name: 'classifier', layers: [{ units: classes }] }).build([outputDim(encoder)], seed + 1);
  const parameters = [...parametersOf(encoder, 'encoder'), ...parametersOf(classifier, 'classifier')];
  const state = statisticsOf(encoder).map((variable, index) => ({ name: `encoder/statistic-${index}`, variable }));
  return {
    name: 'supervised',
    views: ['image'],
    encoder,
    parameters: () => parameters,
    loss: ({ image }, _at, indices) => {
      const expected = tensor1d(Array.from(indices, (index) => values[index]!), 'int32');
      const logits = trainingPass(classifier, trainingPass(encoder, image));
      return { loss: crossEntropy(logits, expected), metrics: { accuracy: accuracy(logits, expected) } };
    },
    state: () => state,
    dispose: () => {
      encoder.dispose();
      classifier.dispose();
    },
  };
}

function accuracy(logits: Tensor2D, labels: Tensor1D): Scalar {
  return mean<Scalar>(cast(equal(argMax(logits, 1), labels), 'float32'));
}

function checked(labels: Labels | undefined): Labels {
  if (!labels) throw new TrainError('invalid-options', 'supervised learns from labels, but was given none; give it images that have labels.');
  const { values, classes } = labels;
  for (let index = 0; index < values.length; index++) {
    const label = values[index]!;
    if (Number.isInteger(label) && label >= 0 && label < classes) continue;
    throw new TrainError('invalid-options', `supervised was given the label ${label} for image ${index}, but labels are whole numbers from 0 to ${classes - 1}.`);
  }
  return labels;
}

/** Hyper-parameters of the supervised baseline, by name. */
export const supervisedPresets: readonly Preset<'image'>[] = [
  {
    name: 'imagenet',
    source: 'torchvision references/classification train.py: a tenth of the rate every 30 epochs',
    epochs: 90,
    batchSize: 256,
    learnsFromLabels: true,
    method: supervised,
    views: ({ size }) => ({
      image: viewPipeline({ size, ops: [randomResizedCrop({ size, scale: [0.08, 1] }), randomFlip()], normalize: imageNetStatistics }),
    }),
    optimizer: ({ batchSize, learningRate = scaledLearningRate(0.1, batchSize) }) =>
      sgd({ learningRate: ({ epoch }) => learningRate * 0.1 ** Math.floor(epoch / 30), momentum: 0.9, weightDecay: 1e-4 }),
  },
  {
    name: 'cifar',
    source: 'kuangliu/pytorch-cifar main.py: crops out of a margin of 4 pixels, and flips',
    epochs: 200,
    batchSize: 128,
    learnsFromLabels: true,
    method: supervised,
    views: ({ size }) => ({
      image: viewPipeline({
        size,
        // The first changes nothing where images have the size of a view, as in CIFAR.
        ops: [resize({ size }), randomCrop({ size, padding: Math.round(size / 8) }), randomFlip()],
        normalize: cifar10Statistics,
      }),
    }),
    optimizer: ({ learningRate = 0.1 }) => sgd({ learningRate: cosinePerEpoch(learningRate), momentum: 0.9, weightDecay: 5e-4 }),
  },
  {
    name: 'small',
    source: 'ours, for images of 28–64 px and minutes of training: views and optimizer of the self-supervised presets of this name',
    epochs: 8,
    batchSize: 128,
    learnsFromLabels: true,
    method: supervised,
    views: ({ size, channels }) => ({ image: (channels === 3 ? simsiamCifar({ size }) : grayscaleViews({ size, channels })).a }),
    optimizer: ({ learningRate: base = 0.1 }) => sgd({ learningRate: cosine({ base }), momentum: 0.9, weightDecay: 5e-4 }),
  },
];
