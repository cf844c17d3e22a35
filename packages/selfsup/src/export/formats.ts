import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { collectWeights, encodeSafetensors } from '@selfsup/backbones';
import type { ExportOptions } from '@selfsup/backbones';
import { toOnnx } from '@selfsup/onnx';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import type { Preprocessing } from '../geometry.ts';
import type { Files } from './new-folder.ts';
import { onnxSnippet, safetensorsSnippet, tfjsSnippet } from './snippets.ts';
import type { Snippet } from './snippets.ts';

export interface ToExport extends ExportOptions {
  readonly encoder: LayersModel;
  /** Where it was read from. */
  readonly folder: string;
  readonly preprocessing: Preprocessing;
  /** The call of `@selfsup/backbones` that builds the network, where it is one of them. */
  readonly call: string | undefined;
}

/** One kind of files that an encoder can be exported to. */
export interface Format {
  /** What a reader of the card calls it. */
  readonly title: string;
  readonly tag: string;
  readonly files: (input: ToExport) => Promise<Files>;
  /** What each of the files is. */
  readonly about: Readonly<Record<string, string>>;
  readonly snippet: (input: ToExport) => Snippet;
}

const tfjs: Format = {
  title: 'a TensorFlow.js model',
  tag: 'tfjs',
  files: async ({ folder }) => new Map([['model.json', await readFile(join(folder, 'model.json'))], ['weights.bin', await readFile(join(folder, 'weights.bin'))]]),
  about: { 'model.json': 'the layers, for `loadEncoder` and `tf.loadLayersModel`', 'weights.bin': 'their weights' },
  snippet: tfjsSnippet,
};

const safetensors: Format = {
  title: 'safetensors',
  tag: 'safetensors',
  files: async ({ encoder, names }) =>
    new Map([['model.safetensors', encodeSafetensors(await collectWeights(encoder, names === undefined ? {} : { names }), { format: 'pt' })]]),
  about: { 'model.safetensors': "the weights, under PyTorch's names and in its layouts" },
  snippet: safetensorsSnippet,
};

const onnx: Format = {
  title: 'an ONNX model',
  tag: 'onnx',
  files: async ({ encoder, preprocessing: { normalize } }) => {
    const metadata = normalize ? { mean: normalize.mean.join(' '), std: normalize.std.join(' ') } : {};
    return new Map([['model.onnx', await toOnnx(encoder, { metadata })]]);
  },
  about: { 'model.onnx': 'layers and weights, batch normalisation folded into convolutions; operators of version 17' },
  snippet: onnxSnippet,
};

/** By the name that `--to` takes. */
export const formats: Readonly<Record<string, Format>> = { tfjs, safetensors, onnx };
