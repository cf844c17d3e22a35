// oxlint-disable-next-line import/no-unassigned-import -- registers the backend
import '@tensorflow/tfjs-backend-cpu';
import { ready, setBackend } from '@tensorflow/tfjs-core';
import { input, layers, model } from '@tensorflow/tfjs-layers';
import type { LayersModel, SymbolicTensor } from '@tensorflow/tfjs-layers';
import { beforeAll, expect, test } from 'vitest';
import { OnnxError, toOnnx } from '@selfsup/onnx';
import { encodeOnnx } from './onnx-file.ts';

beforeAll(async () => {
  await setBackend('cpu');
  await ready();
});

function withLayer(layer: layers.Layer, shape: (number | null)[] = [8, 8, 3]): LayersModel {
  const x = input({ shape });
  return model({ name: 'mine', inputs: x, outputs: layer.apply(x) as SymbolicTensor });
}

const refused: readonly [string, () => LayersModel, string, RegExp][] = [
  ['a layer that has no counterpart', () => withLayer(layers.prelu({ name: 'slope' })), 'unsupported-layer', /^The layer "slope" is a PReLU, which cannot be written as ONNX; build the network from /],
  ['an activation that has none', () => withLayer(layers.dense({ name: 'fc', units: 2, activation: 'selu' })), 'unsupported-layer', /"fc" \(Dense\) .* with activation "selu"/],
  ['channels before height', () => withLayer(layers.conv2d({ name: 'conv', filters: 2, kernelSize: 1, dataFormat: 'channelsFirst' })), 'unsupported-layer', /"conv" \(Conv2D\) .* with dataFormat "channelsFirst"/],
  ['a normalisation of another axis', () => withLayer(layers.batchNormalization({ name: 'bn', axis: 1 })), 'unsupported-layer', /"bn" \(BatchNormalization\) .* with axis 1/],
  ['a size that is not known', () => withLayer(layers.conv2d({ filters: 2, kernelSize: 1 }), [null, null, 3]), 'unsupported-model', /"mine" has the shape \[batch, \?, \?, 3\]; build the network for images of one size/],
];

test.each(refused)('%s: one sentence', async (_, build, code, message) => {
  const error: unknown = await toOnnx(build()).catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(OnnxError);
  expect(error).toMatchObject({ code, message: expect.stringMatching(message) as string });
});

test('several inputs or outputs: one sentence', async () => {
  const [a, b] = [input({ shape: [2] }), input({ shape: [2] })];
  const net = model({ name: 'two', inputs: [a, b], outputs: layers.add().apply([a, b]) as SymbolicTensor });
  await expect(toOnnx(net)).rejects.toThrow('two has 2 inputs and 1 outputs; give a model with one of each');
});

test('more than 2 GiB: one sentence, before they are copied', () => {
  const half = new Float32Array(new ArrayBuffer(2 ** 30));
  const constants = new Map(['a', 'b'].map((name) => [name, { dims: [half.length], data: half }]));
  const port = { name: 'x', dims: [1] };
  expect(() => encodeOnnx({ name: 'huge', nodes: [], constants, input: port, output: port }, {})).toThrow(/huge takes 2147483\d{3} bytes, and an ONNX file holds 2147483647/);
});
