// oxlint-disable-next-line import/no-unassigned-import -- registers the backend
import '@tensorflow/tfjs-backend-cpu';
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { mul, ready, setBackend, sum, tensor, transpose, variableGrads } from '@tensorflow/tfjs-core';
import type { Scalar, Tensor, Tensor4D } from '@tensorflow/tfjs-core';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import type { NetSpec } from '@selfsup/layers';
import { beforeAll, describe, expect, it } from 'vitest';
import {
  convNextTiny,
  mobileNetV2,
  resnet101,
  resnet152,
  resnet18,
  resnet34,
  resnet50,
  torchWeights,
  visionTransformer,
  vitBase,
  wideResNet50x2,
} from '@selfsup/backbones';
import { importWeights } from '@selfsup/backbones/node';
import { useWasmBackend } from '@selfsup/backend-wasm';

// The recording of parity/record.py: the committed one of narrow networks, whose weights and images both sides make by the same hash, or
// that of the published widths in the folder SELFSUP_PARITY, with the weights as torchvision has them in safetensors files.

interface Case {
  readonly network: string;
  readonly options: object;
  readonly images: [batch: number, height: number, width: number];
  /** The name that the images are drawn by. */
  readonly drawn: string;
  readonly eval: number[];
  readonly train: number[];
  readonly loss: number;
  readonly gradients: Record<string, { norm: number; values: number[] }>;
  readonly statistics: Record<string, number[]>;
  /** The largest gap between PyTorch's own single and double precision among these gradients. */
  readonly singlePrecisionGap: number;
}

const folder = process.env['SELFSUP_PARITY'];
const path = folder ? join(folder, 'torchvision.json') : join(dirname(fileURLToPath(import.meta.url)), '../parity/torchvision.json');
const { cases } = JSON.parse(readFileSync(path, 'utf8')) as { cases: Case[] };

const networks: Readonly<Record<string, (options: never) => NetSpec>> = {
  resnet18,
  resnet34,
  resnet50,
  resnet101,
  resnet152,
  wide_resnet50_2: wideResNet50x2,
  convnext_tiny: convNextTiny,
  mobilenet_v2: mobileNetV2,
  vit: visionTransformer,
  vit_b_16: vitBase,
};

beforeAll(async () => {
  if (folder) {
    // The cpu backend would take hours for the published widths.
    await useWasmBackend({ threads: 2 });
    return;
  }
  await setBackend('cpu');
  await ready();
});

/** `count` numbers in [−1, 1), the same as in parity/record.py. */
function uniform(name: string, count: number): Float32Array {
  let seed = 0x811c9dc5;
  for (const character of name) seed = Math.imul(seed ^ character.codePointAt(0)!, 0x01000193);
  return Float32Array.from({ length: count }, (_, i) => {
    let x = Math.imul(i, 0x9e3779b1) + seed;
    x = Math.imul(x ^ (x >>> 16), 0x85ebca6b);
    x = Math.imul(x ^ (x >>> 13), 0xc2b2ae35);
    return ((x ^ (x >>> 16)) >>> 0) / 2 ** 31 - 1;
  });
}

/** `filling` of parity/record.py. */
function filling(name: string, shape: readonly number[]): Float32Array {
  const u = uniform(name, shape.reduce((a, b) => a * b, 1));
  const scaled = (factor: number, from = 0): Float32Array => u.map((v) => from + v * Math.fround(factor));
  const [out = 1, into = 1, height = 1, width = 1] = shape;
  if (shape.length === 4) return scaled(Math.sqrt(6 / ((into > 1 ? out : 1) * height * width)));
  if (shape.length === 2) return scaled(Math.sqrt(3 / into));
  if (name.endsWith('running_var')) return scaled(0.5, 1);
  if (name.endsWith('layer_scale')) return scaled(0.25, 0.5);
  if (/bn[23]\.weight$/.test(name)) return scaled(0.025, 0.1);
  return name.endsWith('weight') ? scaled(0.25, 1) : scaled(0.25);
}

async function fill(net: LayersModel, network: string): Promise<void> {
  if (folder) {
    await importWeights(net, join(folder, `${network}.safetensors`));
    return;
  }
  for (const { name, shape, variable, fromTorch } of torchWeights(net)) variable.write(fromTorch(tensor(filling(name, shape), [...shape])));
}

const values = (t: Tensor): number[] => [...t.dataSync()];
const norm = (list: readonly number[]): number => Math.sqrt(list.reduce((total, value) => total + value * value, 0));

/** ‖actual − expected‖ / ‖expected‖ over the values that were recorded. */
function relativeGap(actual: readonly number[], expected: readonly number[]): number {
  return norm(expected.map((value, i) => value - actual[i]!)) / norm(expected);
}

describe.each(cases)('$network $options against torchvision', (recorded) => {
  const { network, options, images: [batch, height, breadth], drawn, singlePrecisionGap } = recorded;

  it('gives the same features, loss, gradients and statistics', async () => {
    const net = networks[network]!(options as never).build([height, breadth, 3], 1);
    await fill(net, network);
    const nchw = tensor(uniform(drawn, batch * 3 * height * breadth), [batch, 3, height, breadth]);
    const images = transpose(nchw, [0, 2, 3, 1]) as Tensor4D;
    const report: Record<string, number> = {};
    const compare = (what: string, actual: readonly number[], expected: readonly number[], tolerance: number): void => {
      report[what] = relativeGap(actual, expected);
      expect(report[what], what).toBeLessThan(tolerance);
    };
    compare('features', values(net.apply(images) as Tensor), recorded.eval, 1e-4);

    const dim = net.outputs[0]!.shape[1]!;
    const objective = tensor(uniform('loss', batch * dim), [batch, dim]);
    let features: number[] = [];
    const variables = net.trainableWeights.map((weight) => weight.read());
    const { value, grads } = variableGrads(
      () => {
        const y = net.apply(images, { training: true }) as Tensor;
        features = values(y);
        return sum(mul(y, objective)) as Scalar;
      },
      variables as Parameters<typeof variableGrads>[1] & object,
    );
    compare('features in training', features, recorded.train, 1e-4);
    const terms = norm(features) * norm(values(objective));
    expect(Math.abs(value.dataSync()[0]! - recorded.loss) / terms).toBeLessThan(1e-5);

    const weights = new Map(torchWeights(net).map((weight) => [weight.name, weight]));
    const tolerance = 1e-3;
    for (const [name, expected] of Object.entries(recorded.gradients)) {
      const { variable, toTorch } = weights.get(name)!;
      const gradient = values(toTorch(grads[variable.name]!));
      compare(`norm of the gradient of ${name}`, [norm(gradient)], [expected.norm], tolerance);
      compare(`gradient of ${name}`, gradient, expected.values, tolerance);
    }
    for (const [name, expected] of Object.entries(recorded.statistics)) {
      compare(name, values(weights.get(name)!.variable.read()), expected, 1e-4);
    }
    if (folder) {
      const worst = (start: RegExp): string => Math.max(0, ...Object.entries(report).map(([what, gap]) => (start.test(what) ? gap : 0))).toExponential(1);
      process.stdout.write(
        `${network}: features ${report['features']!.toExponential(1)}, in training ${report['features in training']!.toExponential(1)}, ` +
          `gradients ${worst(/gradient/)} (PyTorch's single precision: ${singlePrecisionGap.toExponential(1)}), statistics ${worst(/running/)}\n`,
      );
    }
    net.dispose();
  });
});
