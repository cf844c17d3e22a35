import type { LayersModel } from '@tensorflow/tfjs-layers';
import { LayersError } from './error.ts';
import type { NetSpec } from './net-spec.ts';

const show = (shape: readonly (number | null)[] | undefined): string =>
  shape === undefined ? 'none' : `[${shape.map((size) => size ?? 'batch').join(', ')}]`;

/**
 * Makes a `NetSpec` of any tfjs-layers model of your own: one input `[batch, ...inputShape]`, one output `[batch, dim]`.
 *
 * @param name short name for logs and model cards
 * @param build makes a new model each time; draw its initial weights from `seed`
 * @throws LayersError `shape-mismatch` (from `build`) when the model does not take that input or does not end in `[batch, dim]`
 */
export function fromModel(name: string, build: (inputShape: readonly number[], seed: number) => LayersModel): NetSpec {
  return {
    name,
    build: (inputShape, seed) => {
      const model = build(inputShape, seed);
      const input = model.inputs.length === 1 ? model.inputs[0]?.shape : undefined;
      const output = model.outputs.length === 1 ? model.outputs[0]?.shape : undefined;
      const refuse = (problem: string): never => {
        model.dispose();
        throw new LayersError('shape-mismatch', `${name} was asked to map ${show([null, ...inputShape])} to [batch, dim], but ${problem}`);
      };
      if (input?.length !== inputShape.length + 1 || input.some((size, axis) => axis > 0 && size !== null && size !== inputShape[axis - 1])) {
        return refuse(`its model takes ${show(input)} (${model.inputs.length} inputs); build it for the inputShape that it is given.`);
      }
      if (output?.length !== 2 || output[1] == null) {
        return refuse(`its model gives ${show(output)} (${model.outputs.length} outputs); end it in a pooling or flatten layer.`);
      }
      return model;
    },
  };
}
