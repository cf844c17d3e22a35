// oxlint-disable-next-line import/no-unassigned-import -- registers the backend
import '@tensorflow/tfjs-backend-cpu';
import { convNextTiny, mobileNetV2, resnet18, resnet50, smallResNet, visionTransformer, wideResNet, wideResNet50x2 } from '@selfsup/backbones';
import { batchNorm, flattenTokens, gelu, layerNorm, linear, maxPool2d, multiHeadAttention, patchEmbedding } from '@selfsup/layers';
import type { NetSpec } from '@selfsup/layers';
import { memory, randomNormal, randomUniform, ready, setBackend, transpose } from '@tensorflow/tfjs-core';
import type { Tensor } from '@tensorflow/tfjs-core';
import { input, layers, model, sequential } from '@tensorflow/tfjs-layers';
import type { LayersModel, SymbolicTensor } from '@tensorflow/tfjs-layers';
import { InferenceSession, Tensor as OnnxTensor } from 'onnxruntime-node';
import { beforeAll, describe, expect, it } from 'vitest';
import { toOnnx } from '@selfsup/onnx';

// Every file is run by onnxruntime, which knows nothing of this project, beside the model that it was made of.

beforeAll(async () => {
  await setBackend('cpu');
  await ready();
});

/** Weights as after a training: nothing is 0 or 1, the statistics fit no γ or β, and images tell in what comes out. */
function stir(net: LayersModel): void {
  for (const [i, weight] of net.weights.entries()) {
    const { originalName } = weight;
    const shape = weight.shape as number[];
    const fanIn = shape.slice(0, originalName.endsWith('depthwise_kernel') ? 2 : -1).reduce((a, b) => a * b, 1);
    if (originalName.endsWith('kernel')) weight.write(randomNormal(shape, 0, Math.sqrt(2 / fanIn), 'float32', i + 1));
    if (/\/(gamma|moving_variance|scale)$/.test(originalName)) weight.write(randomUniform(shape, 0.5, 1.5, 'float32', i + 1));
    if (/\/(beta|moving_mean|bias|qkv_bias|out_bias)$/.test(originalName)) weight.write(randomNormal(shape, 0, 0.5, 'float32', i + 1));
  }
}

const nchw = (t: Tensor): Tensor => (t.rank === 4 ? transpose(t, [0, 3, 1, 2]) : t);

interface Answer {
  readonly dims: readonly number[];
  readonly values: Float32Array;
}

async function run(session: InferenceSession, images: Tensor): Promise<Answer> {
  const given = nchw(images);
  const { features } = await session.run({ images: new OnnxTensor('float32', given.dataSync() as Float32Array, given.shape) });
  return { dims: features!.dims, values: features!.data as Float32Array };
}

const norm = (values: Float32Array): number => Math.sqrt(values.reduce((total, value) => total + value * value, 0));

/** Largest ‖file − model‖ / ‖model‖ of an image over batches of 1, 2 and 5. */
async function gapOf(net: LayersModel, bytes: Uint8Array): Promise<number> {
  const session = await InferenceSession.create(bytes);
  expect([session.inputNames, session.outputNames]).toEqual([['images'], ['features']]);
  let worst = 0;
  for (const batch of [1, 2, 5]) {
    const images = randomNormal([batch, ...(net.inputs[0]!.shape.slice(1) as number[])], 0, 1, 'float32', batch);
    const expected = nchw(net.predict(images) as Tensor);
    const theirs = await run(session, images);
    expect(theirs.dims).toEqual(expected.shape);
    const ours = expected.dataSync() as Float32Array;
    const size = ours.length / batch;
    const row = (values: Float32Array, i: number): Float32Array => values.subarray(i * size, (i + 1) * size);
    const gap = (a: Float32Array, b: Float32Array): number => norm(a.map((value, at) => value - b[at]!)) / norm(a);
    for (let i = 0; i < batch; i++) worst = Math.max(worst, gap(row(ours, i), row(theirs.values, i)));
    // Otherwise the answers would show nothing.
    if (batch > 1) expect(gap(row(ours, 0), row(ours, 1))).toBeGreaterThan(1e-2);
  }
  return worst;
}

const has = (bytes: Uint8Array, op: string): boolean => Buffer.from(bytes).toString('latin1').includes(op);

const vit = { dim: 24, depth: 2, heads: 3, patch: 8 } as const;
const backbones: readonly [name: string, spec: NetSpec, size: number, folded: boolean][] = [
  ['small ResNet', smallResNet({ width: 4 }), 28, true],
  ['small ResNet, means of cells', smallResNet({ width: 4, poolTo: 2 }), 27, true],
  ['ResNet-18', resnet18({ width: 1 / 16 }), 64, true],
  ['ResNet-18, CIFAR stem', resnet18({ width: 1 / 16, stem: 'cifar' }), 33, true],
  ['ResNet-18, map of a stage', resnet18({ width: 1 / 16, outputStage: 3, output: 'map' }), 48, true],
  ['ResNet-50', resnet50({ width: 1 / 32 }), 47, true],
  ['ResNet-50, stochastic depth', resnet50({ width: 1 / 32, stem: 'cifar', dropPath: 0.2 }), 8, true],
  ['Wide ResNet-50-2', wideResNet50x2({ width: 1 / 32 }), 32, true],
  ['WRN', wideResNet({ depth: 10, width: 1 }), 16, false],
  ['MobileNetV2', mobileNetV2({ width: 0.1 }), 40, true],
  ['MobileNetV2, map', mobileNetV2({ width: 0.1, outputStage: 3, output: 'map' }), 32, true],
  ['ConvNeXt', convNextTiny({ width: 1 / 24 }), 64, true],
  ['ConvNeXt, map', convNextTiny({ width: 1 / 24, output: 'map', outputStage: 2 }), 32, true],
  ['ViT', visionTransformer(vit), 32, true],
  ['ViT, mean of the patches', visionTransformer({ ...vit, pooling: 'mean', dropPath: 0.1 }), 32, true],
  ['ViT, sines and cosines, no class token', visionTransformer({ ...vit, positions: 'sin-cos', classToken: false }), 32, true],
  ['ViT, all tokens', visionTransformer({ ...vit, output: 'tokens' }), 40, true],
  ['ViT, positions of another grid', visionTransformer({ ...vit, positionGrid: [5, 3] }), 32, true],
];

describe('a file of', () => {
  it.each(backbones)('%s answers what the model answers', async (_, spec, size, folded) => {
    const net = spec.build([size, size, 3], 1);
    stir(net);
    const before = memory().numTensors;
    const bytes = await toOnnx(net);
    expect(memory().numTensors).toBe(before);
    expect(await gapOf(net, bytes)).toBeLessThan(1e-5);
    expect(has(bytes, 'BatchNormalization')).toBe(!folded);
    net.dispose();
  });

  it('images that are not square, of one channel, answers what the model answers', async () => {
    for (const spec of [resnet18({ width: 1 / 16 }), visionTransformer(vit)]) {
      const net = spec.build([40, 64, 1], 1);
      stir(net);
      expect(await gapOf(net, await toOnnx(net))).toBeLessThan(1e-5);
      net.dispose();
    }
  });
});

const apply = (layer: layers.Layer, ...x: SymbolicTensor[]): SymbolicTensor => layer.apply(x.length === 1 ? x[0]! : x) as SymbolicTensor;

/** A network of TensorFlow.js's own layers. */
function convNet(): LayersModel {
  const image = input({ shape: [13, 10, 3] });
  let x = apply(layers.conv2d({ filters: 6, kernelSize: [3, 4], strides: 2, padding: 'same', activation: 'relu' }), image);
  x = apply(layers.batchNormalization({}), x);
  x = apply(layers.conv2d({ filters: 8, kernelSize: 3, padding: 'same', dilationRate: 2, useBias: false }), x);
  x = apply(layers.activation({ activation: 'relu6' }), apply(layers.batchNormalization({ scale: false }), x));
  const y = apply(layers.depthwiseConv2d({ kernelSize: 2, depthMultiplier: 2, padding: 'same' }), x);
  const z = apply(layers.conv2d({ filters: 16, kernelSize: 1, activation: 'tanh' }), x);
  x = apply(layers.maxPooling2d({ poolSize: 3, strides: 2, padding: 'same' }), apply(layers.add(), y, z, apply(layers.reLU({}), y)));
  x = apply(layers.averagePooling2d({ poolSize: 2, strides: 1, padding: 'same' }), apply(layers.dropout({ rate: 0.5 }), x));
  x = apply(layers.dense({ units: 5, activation: 'sigmoid' }), apply(layers.flatten(), x));
  return model({ inputs: image, outputs: x });
}

describe('a model of layers of TensorFlow.js', () => {
  it('is written too', async () => {
    const net = convNet();
    stir(net);
    const bytes = await toOnnx(net);
    expect(await gapOf(net, bytes)).toBeLessThan(1e-5);
    // The first one is after an activation.
    expect(Buffer.from(bytes).toString('latin1').split('/BatchNormalization')).toHaveLength(2);
  });

  it('may hold models, and use a layer twice', async () => {
    const shared = layers.dense({ units: 6 });
    const inner = sequential({ layers: [layers.conv2d({ inputShape: [8, 8, 2], filters: 6, kernelSize: 3 }), layers.batchNormalization({}), layers.globalAveragePooling2d({}), shared] });
    const image = input({ shape: [8, 8, 2] });
    const x = apply(inner, image);
    const net = model({ inputs: image, outputs: apply(layers.add(), x, apply(shared, x), apply(inner, image)) });
    stir(net);
    expect(await gapOf(net, await toOnnx(net))).toBeLessThan(1e-5);
  });

  it('may take and answer vectors, and do nothing', async () => {
    const x = input({ shape: [7] });
    const net = model({ inputs: x, outputs: apply(layers.dropout({ rate: 0.1 }), x) });
    expect(await gapOf(net, await toOnnx(net))).toBe(0);
  });
});

describe('layers of @selfsup/layers as no backbone has them', () => {
  it('are written too', async () => {
    const image = input({ shape: [8, 8, 6] });
    let x = apply(gelu({ approximate: true }), apply(layerNorm({ affine: false }), apply(patchEmbedding({ patch: 2, dim: 6, seed: 1 }), image)));
    x = apply(batchNorm({ affine: false, relu: true }), apply(maxPool2d({ size: 2 }), x));
    x = apply(multiHeadAttention({ heads: 3, qkvBias: false, seed: 1 }), apply(flattenTokens(), x));
    x = apply(linear({ inputs: 24, units: 5, bias: false, seed: 1 }), apply(layers.flatten(), x));
    const net = model({ inputs: image, outputs: apply(batchNorm({}), x, apply(batchNorm({ relu: true }), x)) });
    stir(net);
    expect(await gapOf(net, await toOnnx(net))).toBeLessThan(1e-5);
  });
});

describe('a convolution that something else reads', () => {
  it('keeps its values, and its normalisation', async () => {
    const image = input({ shape: [6, 6, 2] });
    const x = apply(layers.conv2d({ filters: 3, kernelSize: 3 }), image);
    const net = model({ inputs: image, outputs: apply(layers.add(), x, apply(layers.batchNormalization({}), x)) });
    stir(net);
    const bytes = await toOnnx(net);
    expect(await gapOf(net, bytes)).toBeLessThan(1e-5);
    expect(has(bytes, 'BatchNormalization')).toBe(true);
  });
});
