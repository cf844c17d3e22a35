import { io, mul, sum, tensor, tidy, variable, variableGrads } from '@tensorflow/tfjs-core';
import type { Scalar, Tensor, Variable } from '@tensorflow/tfjs-core';
import { input, loadLayersModel, model } from '@tensorflow/tfjs-layers';
import type { LayersModel, layers, SymbolicTensor } from '@tensorflow/tfjs-layers';

export const values = (t: Tensor): number[] => [...t.dataSync()];

/** The largest difference, as a part of the largest expected value. */
export function relativeGap(actual: readonly number[], expected: readonly number[]): number {
  if (actual.length !== expected.length) throw new Error(`${actual.length} values instead of ${expected.length}`);
  const largest = Math.max(...expected.map(Math.abs), 1e-12);
  return Math.max(...expected.map((value, i) => Math.abs(value - actual[i]!))) / largest;
}

/** A weight for each output, so that no two count alike. */
const weight = (i: number): number => Math.sin(i + 1);

/**
 * For each variable, how far the gradient of Σ weight·f by the tape is from its central differences, relative to the largest.
 *
 * @param f reads the variables and answers one tensor, the same for the same values
 */
export function gradientGaps(f: () => Tensor, variables: readonly Variable[], step = 1e-2): number[] {
  return tidy(() => {
    const { grads } = variableGrads(() => {
      const y = f();
      return sum(mul(y, tensor(Array.from({ length: y.size }, (_, i) => weight(i)), y.shape))) as Scalar;
    }, [...variables]);
    const objective = (): number => tidy(() => values(f()).reduce((total, y, i) => total + y * weight(i), 0));
    return variables.map((one) => {
      const flat = values(one);
      const at = (place: number, by: number): number => {
        one.assign(tensor(flat.map((value, i) => (i === place ? value + by : value)), one.shape));
        return objective();
      };
      const numeric = flat.map((_, i) => (at(i, step) - at(i, -step)) / (2 * step));
      one.assign(tensor(flat, one.shape));
      const analytic = grads[one.name];
      return relativeGap(analytic ? values(analytic) : flat.map(() => 0), numeric);
    });
  });
}

/** A model of one layer. */
export function alone(layer: layers.Layer, ...shapes: readonly number[][]): LayersModel {
  const inputs = shapes.map((shape) => input({ shape }));
  return model({ inputs, outputs: layer.apply(inputs.length === 1 ? inputs[0]! : inputs) as SymbolicTensor });
}

/** {@link gradientGaps} of a model in its inputs and in all of its trainable weights, which are moved away from where they start. */
export function modelGradientGaps(net: LayersModel, inputs: readonly Tensor[], kwargs: { training?: boolean } = {}): number[] {
  return tidy(() => {
    const given = inputs.map((x) => variable(x));
    const trainable = net.trainableWeights.map((each) => each.read() as Variable);
    for (const [which, each] of trainable.entries()) {
      each.assign(tensor(values(each).map((value, i) => value + 0.3 * Math.cos(3 * i + which)), each.shape));
    }
    const gaps = gradientGaps(() => net.apply(given.length === 1 ? given[0]! : given, kwargs) as Tensor, [...given, ...trainable]);
    for (const each of given) each.dispose();
    return gaps;
  });
}

export async function saveAndLoad(net: LayersModel): Promise<LayersModel> {
  const saved = await new Promise<io.ModelArtifacts>((resolve, reject) => {
    const handler = io.withSaveHandler(async (artifacts) => {
      resolve(artifacts);
      return { modelArtifactsInfo: { dateSaved: new Date(0), modelTopologyType: 'JSON' } };
    });
    net.save(handler).catch(reject);
  });
  return await loadLayersModel(io.fromMemory(saved));
}
