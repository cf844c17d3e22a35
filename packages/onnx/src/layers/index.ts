import type { Emit } from '../emit.ts';
import { activationLayer, geluLayer, relu6Layer, reluLayer } from './activation.ts';
import { centredDepthwiseConvolution, convolution, depthwiseConvolution } from './convolution.ts';
import { dense, flatten, identity, sum } from './joining.ts';
import { batchNormalization, layerNormalization, layerScale } from './normalization.ts';
import { adaptiveAveragePooling, averagePooling, globalAveragePooling, globalMaxPooling, maxPooling } from './pooling.ts';
import { classToken, flattenTokens, multiHeadAttention, poolTokens, positionEmbedding } from './tokens.ts';

/** What is written for each kind of layer, by its class: those of `@selfsup/layers`, and of TensorFlow.js those that encoders are made of. */
export const emitters: Readonly<Record<string, Emit>> = {
  SelfsupAdaptiveAveragePool: adaptiveAveragePooling,
  SelfsupBatchNorm: batchNormalization,
  SelfsupClassToken: classToken,
  SelfsupConv2d: convolution,
  SelfsupDepthwiseConv2d: centredDepthwiseConvolution,
  SelfsupDropPath: identity,
  SelfsupFlattenTokens: flattenTokens,
  SelfsupGelu: geluLayer,
  SelfsupLayerNorm: layerNormalization,
  SelfsupLayerScale: layerScale,
  SelfsupMaxPool2d: maxPooling,
  SelfsupMultiHeadAttention: multiHeadAttention,
  SelfsupPoolTokens: poolTokens,
  SelfsupPositionEmbedding: positionEmbedding,
  SelfsupRelu6: relu6Layer,
  Activation: activationLayer,
  Add: sum,
  AveragePooling2D: averagePooling,
  BatchNormalization: batchNormalization,
  Conv2D: convolution,
  Dense: dense,
  DepthwiseConv2D: depthwiseConvolution,
  Dropout: identity,
  Flatten: flatten,
  GlobalAveragePooling2D: globalAveragePooling,
  GlobalMaxPooling2D: globalMaxPooling,
  MaxPooling2D: maxPooling,
  ReLU: reluLayer,
};
