import type { LayersModel } from '@tensorflow/tfjs-layers';
import { BackbonesError } from '../error.ts';
import { torchWeights } from '../torch-weights.ts';
import type { Float32Values } from './safetensors.ts';
import { timmNames, timmShape } from './timm-names.ts';

export interface ExportOptions {
  /** Whose names the weights get. Default `'torchvision'`. */
  readonly names?: 'torchvision' | 'timm';
}

/**
 * The weights of a model as PyTorch has them: names, shapes and values, ready for `encodeSafetensors`.
 *
 * @throws BackbonesError `unknown-weight` for a layer whose weights have no name there, or for two weights of one name
 */
export async function collectWeights(model: LayersModel, options: ExportOptions = {}): Promise<ReadonlyMap<string, Float32Values>> {
  const { names = 'torchvision' } = options;
  const weights = torchWeights(model);
  const timm = timmNames(weights.map(({ name }) => name));
  const collected = new Map<string, Float32Values>();
  for (const { name, shape, variable, toTorch } of weights) {
    const [given, shapeThere] = names === 'timm' ? [timm.get(name)!, timmShape(name, shape)] : [name, shape];
    if (collected.has(given)) {
      throw new BackbonesError('unknown-weight', `${model.name} has two weights that PyTorch would call ${given}; give its layers different names.`);
    }
    const value = toTorch(variable.read());
    collected.set(given, { shape: shapeThere, data: Float32Array.from(await value.data()) });
    value.dispose();
  }
  return collected;
}
