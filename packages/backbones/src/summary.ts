import { LayersModel } from '@tensorflow/tfjs-layers';
import type { layers } from '@tensorflow/tfjs-layers';

type Shape = readonly (number | null)[];

/** Layers that belong together: those of a ResNet's `layer1`, of one transformer block, …. */
export interface GroupSummary {
  /** What the names of its layers have in common: `layer1`. */
  readonly name: string;
  /** Without the batch: `[height, width, channels]`, `[tokens, dim]` or `[dim]`. */
  readonly outputShape: readonly (number | null)[];
  readonly parameters: number;
  readonly macs: number;
}

/** The size of a model. */
export interface ModelSummary {
  /** Trainable weights. */
  readonly parameters: number;
  /** Weights that no gradient reaches: running statistics, fixed positions. */
  readonly state: number;
  /** Multiply-accumulate operations for one image: those of convolutions, linear layers and attention. */
  readonly macs: number;
  readonly inputShape: readonly (number | null)[];
  readonly outputShape: readonly (number | null)[];
  readonly groups: readonly GroupSummary[];
}

const product = (sizes: readonly (number | null)[]): number => sizes.reduce<number>((total, size) => total * (size ?? 1), 1);
const withoutBatch = (shape: unknown): Shape => ((Array.isArray((shape as unknown[])[0]) ? (shape as Shape[])[0]! : (shape as Shape)).slice(1));

/**
 * Counts the weights and the multiply-accumulate operations of a model, in all and for each group of layers.
 *
 * A kernel of k weights costs k operations at each place of its layer's output: rows × columns, tokens, or one. Attention costs 2·tokens²·dim more.
 * Normalisations, activations and sums are not counted, as torchvision and the papers do not. Sizes are those that the model was built for.
 */
export function summarize(model: LayersModel): ModelSummary {
  const groups: { name: string; outputShape: Shape; parameters: number; macs: number }[] = [];
  for (const layer of model.layers) {
    const name = groupOf(layer.name);
    const outputShape = withoutBatch(layer.outputShape);
    const parameters = sizeOf(layer.trainableWeights);
    const macs = macsOf(layer);
    const last = groups.at(-1);
    if (last?.name === name) {
      last.outputShape = outputShape;
      last.parameters += parameters;
      last.macs += macs;
    } else groups.push({ name, outputShape, parameters, macs });
  }
  return {
    parameters: sizeOf(model.trainableWeights),
    state: sizeOf(model.nonTrainableWeights),
    macs: groups.reduce((total, { macs }) => total + macs, 0),
    inputShape: withoutBatch(model.inputs[0]!.shape),
    outputShape: withoutBatch(model.outputs[0]!.shape),
    groups: groups.filter(({ macs, parameters, name }) => macs > 0 || parameters > 0 || name === groupOf(model.layers.at(-1)!.name)),
  };
}

/** A name up to its first number: `layer1` of `layer1.0.conv1`, `encoder_layer_11` of `encoder.layers.encoder_layer_11.ln_1`. */
function groupOf(layer: string): string {
  return /^.*?\d+(?=\.)/.exec(layer)?.[0] ?? layer;
}

function sizeOf(weights: LayersModel['weights']): number {
  return weights.reduce((total, { shape }) => total + product(shape), 0);
}

function macsOf(layer: layers.Layer): number {
  if (layer instanceof LayersModel) return summarize(layer).macs;
  const out = withoutBatch(layer.outputShape);
  const kernels = layer.weights.filter(({ originalName }) => originalName.endsWith('kernel'));
  const places = product(out.slice(0, -1));
  const mixing = layer.getClassName() === 'SelfsupMultiHeadAttention' ? 2 * out[0]! ** 2 * out[1]! : 0;
  return sizeOf(kernels) * places + mixing;
}
