import type { Tensor2D, Tensor4D, Variable } from '@tensorflow/tfjs-core';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { trainingPass } from '@selfsup/layers';
import type { NetSpec } from '@selfsup/layers';
import { parametersOf } from '@selfsup/optim';
import type { Network } from '@selfsup/targets';

/** f and projector as one network: what a siamese method has on its online side, and a target strategy may copy. */
export interface Branch extends Network {
  readonly encoder: LayersModel;
  readonly projector: LayersModel;
}

export interface BranchOptions {
  readonly encoder: NetSpec;
  readonly projector: NetSpec;
  /** `[height, width, channels]` */
  readonly inputShape: readonly [number, number, number];
  readonly seed: number;
}

/** Builds f and a projector that fits its features. */
export function branch(options: BranchOptions): Branch {
  const { encoder: encoderSpec, projector: projectorSpec, inputShape, seed } = options;
  const encoder = encoderSpec.build(inputShape, seed);
  const projector = projectorSpec.build([outputDim(encoder)], seed + 1);
  return {
    encoder,
    projector,
    project: (images: Tensor4D, views: number): Tensor2D => trainingPass(projector, trainingPass(encoder, images, views), views),
    parameters: [...parametersOf(encoder, 'encoder'), ...parametersOf(projector, 'projector')].map((p) => p.variable),
    statistics: [...statisticsOf(encoder), ...statisticsOf(projector)],
    twin: (twinSeed) => branch({ ...options, seed: twinSeed }),
    dispose: () => {
      encoder.dispose();
      projector.dispose();
    },
  };
}

/** The running statistics of a model's normalisation layers, in the order of its layers. */
export function statisticsOf(model: LayersModel): readonly Variable[] {
  return model.nonTrainableWeights.map((weight) => weight.read() as Variable);
}

/** The length of a model's output vector. */
export function outputDim(model: LayersModel): number {
  const [, dim] = model.outputs[0]!.shape;
  return dim!;
}
