import { Variable } from '@tensorflow/tfjs-core';
import { LayersModel } from '@tensorflow/tfjs-layers';
import type { layers } from '@tensorflow/tfjs-layers';
import { OptimError } from './error.ts';
import type { Parameter, Role } from './parameter.ts';

type Layer = layers.Layer;

/**
 * The trainable variables of a model, with role and group, in the order of its layers.
 *
 * The role goes by the layer, never by a name: all of a layer whose class name holds `Norm` is `norm`; of the others, what has
 * rank 0 or 1 is `bias` and the rest `weight`.
 *
 * Names are `group/layer/weight`: `encoder/stem/kernel`. A layer that was given no name is called by its class and its place
 * among the unnamed layers of its class in this model (`dense_1`), since TensorFlow.js counts over all models of the
 * process. A layer or variable that a model holds twice is listed once; layers that are not `trainable` are left out.
 * @throws OptimError `unreadable-layer` when a layer keeps its weights elsewhere than in TensorFlow.js variables
 */
export function parametersOf(model: LayersModel, group: string): readonly Parameter[] {
  const seen = new Set<Variable>();
  const taken = new Set<string>();
  const parameters: Parameter[] = [];
  const visit = (container: LayersModel, path: string): void => {
    for (const [layer, name] of namedLayers(container.layers)) {
      if (layer instanceof LayersModel) {
        if (layer.trainable) visit(layer, `${path}/${name}`);
        continue;
      }
      for (const weight of layer.trainableWeights) {
        const variable = weight.read();
        if (!(variable instanceof Variable)) {
          throw new OptimError(
            'unreadable-layer',
            `Layer "${layer.name}" answers no variable for its weight "${weight.originalName}", but an optimizer updates variables in place.`,
          );
        }
        if (seen.has(variable)) continue;
        seen.add(variable);
        // Wrappers such as `bidirectional` hold two weights of one name.
        const kind = weight.originalName.slice(weight.originalName.lastIndexOf('/') + 1);
        const base = `${path}/${name}/${kind}`;
        let unique = base;
        for (let count = 2; taken.has(unique); count++) unique = `${base}_${count}`;
        taken.add(unique);
        parameters.push({ name: unique, variable, role: roleOf(layer, variable), group });
      }
    }
  };
  visit(model, group);
  return parameters;
}

function roleOf(layer: Layer, variable: Variable): Role {
  if (layer.getClassName().includes('Norm')) return 'norm';
  return variable.rank <= 1 ? 'bias' : 'weight';
}

/** Layers with names that do not depend on what else was built in this process. */
function namedLayers(all: readonly Layer[]): readonly (readonly [Layer, string])[] {
  const taken = new Set(all.filter((layer) => !isAutomatic(layer)).map((layer) => layer.name));
  const counts = new Map<string, number>();
  return all.map((layer) => {
    if (!isAutomatic(layer)) return [layer, layer.name] as const;
    const kind = layer.getClassName().toLowerCase();
    let name: string;
    do {
      const count = (counts.get(kind) ?? 0) + 1;
      counts.set(kind, count);
      name = `${kind}_${count}`;
    } while (taken.has(name));
    return [layer, name] as const;
  });
}

/** Whether TensorFlow.js made the name up: `conv2d_Conv2D7` for a layer, `sequential_1` or `model3` for a model. */
function isAutomatic(layer: Layer): boolean {
  const counter = /\d+$/.exec(layer.name)?.[0];
  if (counter === undefined) return false;
  const className = layer.getClassName();
  const model = className.toLowerCase();
  return layer instanceof LayersModel
    ? layer.name === `${model}${counter}` || layer.name === `${model}_${counter}`
    : layer.name.endsWith(`_${className}${counter}`);
}
