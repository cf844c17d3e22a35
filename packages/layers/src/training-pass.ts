import { concat, split } from '@tensorflow/tfjs-core';
import type { Tensor, Tensor2D, Tensor4D } from '@tensorflow/tfjs-core';
import type { LayersModel, layers } from '@tensorflow/tfjs-layers';

/** What a layer of this package reads of the keyword arguments of a call: how many views follow each other in the batch. */
export function viewsIn(kwargs: Record<string, unknown>): number {
  const { views = 1 } = kwargs;
  return views as number;
}

/**
 * The model in training mode on `views` batches of one size that follow each other in `x`: what `views` calls, one for each,
 * would give, in one pass. Batch normalisation takes each view's own statistics, and its running statistics move once per view.
 *
 * One pass needs layers that treat every sample for itself, or know of views: those of this package and most of tfjs-layers.
 * With any other in the model (tfjs's own BatchNormalization, a layer of yours) each view is passed alone.
 *
 * @param x `[views · batch, ..]`
 * @returns `[views · batch, dim]`, in the order of `x`
 * @throws LayersError `shape-mismatch` from a normalisation of this package, when the batch is not so many views of one size
 */
export function trainingPass(model: LayersModel, x: Tensor4D | Tensor2D, views = 1): Tensor2D {
  if (views === 1 || model.layers.every(keepsViewsApart)) return model.apply(x, { training: true, views }) as Tensor2D;
  return concat(split(x as Tensor, views).map((view) => model.apply(view, { training: true }) as Tensor2D));
}

function keepsViewsApart(layer: layers.Layer): boolean {
  if ('layers' in layer) return (layer as unknown as LayersModel).layers.every(keepsViewsApart);
  const name = layer.getClassName();
  return name.startsWith('Selfsup') || perSample.has(name);
}

/** Layers of tfjs whose output for a sample depends on that sample alone. */
const perSample = new Set([
  'InputLayer',
  'Activation',
  'ReLU',
  'LeakyReLU',
  'ELU',
  'PReLU',
  'Softmax',
  'Dense',
  'Conv2D',
  'DepthwiseConv2D',
  'SeparableConv2D',
  'ZeroPadding2D',
  'UpSampling2D',
  'AveragePooling2D',
  'MaxPooling2D',
  'GlobalAveragePooling2D',
  'GlobalMaxPooling2D',
  'LayerNormalization',
  'Dropout',
  'Flatten',
  'Reshape',
  'Permute',
  'Add',
  'Multiply',
  'Average',
  'Maximum',
  'Minimum',
  'Concatenate',
]);
