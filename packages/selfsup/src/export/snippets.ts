import type { Preprocessing } from '../geometry.ts';
import type { ToExport } from './formats.ts';

/** A program that uses an export, and what to know about it. */
export interface Snippet {
  /** What has to be installed. */
  readonly install: readonly string[];
  readonly code: string;
  readonly notes: readonly string[];
}

const list = (values: readonly number[]): string => `[${values.join(', ')}]`;
const imagesShape = ({ size, channels }: Preprocessing): string => list([2, size, size, channels]);

/** From values of 0 to 1 to what the encoder reads. */
function normalised({ normalize }: Preprocessing): string {
  return normalize ? `div(sub(pixels, ${list(normalize.mean)}), ${list(normalize.std)})` : 'pixels';
}

const core = ({ normalize }: Preprocessing): string => `import { ${normalize ? 'div, randomUniform, sub' : 'randomUniform'} } from '@tensorflow/tfjs-core';`;
const stand = 'values from 0 to 1; put your images here';

export function tfjsSnippet({ preprocessing }: ToExport): Snippet {
  return {
    install: ['@selfsup/layers', '@selfsup/train', '@tensorflow/tfjs-core', '@tensorflow/tfjs-layers', '@tensorflow/tfjs-backend-cpu'],
    code: `import '@tensorflow/tfjs-backend-cpu';
import '@selfsup/layers';
import { loadEncoder } from '@selfsup/train/node';
${core(preprocessing)}

const encoder = await loadEncoder('.');
const pixels = randomUniform(${imagesShape(preprocessing)}); // [batch, height, width, channels], ${stand}
const features = encoder.predict(${normalised(preprocessing)});
console.log(features.shape);
`,
    notes: [
      "In a page, import `@selfsup/layers` and call `loadLayersModel('model.json')` of `@tensorflow/tfjs-layers`.",
      'Take a faster backend for more than a few images: `@selfsup/backend-wasm`, or one of TensorFlow.js.',
      '`selfsup eval` and `selfsup embed` take this folder.',
    ],
  };
}

export function safetensorsSnippet({ preprocessing, call }: ToExport): Snippet {
  const python = "In Python: `safetensors.torch.load_file('model.safetensors')`; `load_state_dict(…, strict=False)` where PyTorch has the network.";
  if (call === undefined) {
    return {
      install: ['@selfsup/backbones', '@tensorflow/tfjs-core', '@tensorflow/tfjs-layers'],
      code: `import { readFile } from 'node:fs/promises';
import { decodeSafetensors } from '@selfsup/backbones';

const { tensors } = decodeSafetensors(await readFile('model.safetensors'));
for (const [name, { shape }] of tensors) console.log(name, shape);
`,
      notes: ['`importWeights` of `@selfsup/backbones/node` puts them into the network that they were saved from.', python],
    };
  }
  const { size, channels } = preprocessing;
  return {
    install: ['@selfsup/backbones', '@tensorflow/tfjs-core', '@tensorflow/tfjs-layers', '@tensorflow/tfjs-backend-cpu'],
    code: `import '@tensorflow/tfjs-backend-cpu';
import { ${call.slice(0, call.indexOf('('))} } from '@selfsup/backbones';
import { importWeights } from '@selfsup/backbones/node';
${core(preprocessing)}

const network = await importWeights(${call}, 'model.safetensors');
const encoder = network.build(${list([size, size, channels])}, 0);
const pixels = randomUniform(${imagesShape(preprocessing)}); // [batch, height, width, channels], ${stand}
const features = encoder.predict(${normalised(preprocessing)});
console.log(features.shape);
`,
    notes: [python],
  };
}

export function onnxSnippet({ preprocessing }: ToExport): Snippet {
  const { size, channels, normalize } = preprocessing;
  const shape = list([2, channels, size, size]);
  const perChannel = (values: readonly number[]): string => (values.length === 1 ? String(values[0]) : `${list(values)}[Math.floor(i / ${size ** 2}) % ${channels}]`);
  const values = normalize ? `pixels.map((v${normalize.mean.length === 1 ? '' : ', i'}) => (v - ${perChannel(normalize.mean)}) / ${perChannel(normalize.std)})` : 'pixels';
  return {
    install: ['onnxruntime-node'],
    code: `import ort from 'onnxruntime-node';

const session = await ort.InferenceSession.create('model.onnx');
const pixels = Float32Array.from({ length: ${2 * channels * size ** 2} }, Math.random); // ${shape} with ${stand}
const images = new ort.Tensor('float32', ${values}, ${shape});
const { features } = await session.run({ images });
console.log(features.dims);
`,
    notes: [
      'Images are `[batch, channels, height, width]`, as in PyTorch, whatever the batch; so is a feature map.',
      "In Python: `onnxruntime.InferenceSession('model.onnx').run(None, {'images': images})`; in a page, the same with `onnxruntime-web`.",
    ],
  };
}
