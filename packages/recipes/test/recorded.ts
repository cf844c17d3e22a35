import { readFileSync } from 'node:fs';
import { torchWeights } from '@selfsup/backbones';
import type { RenderedImages, ViewBatch, ViewBatches } from '@selfsup/data';
import type { NetSpec } from '@selfsup/layers';
import { tensor, tidy } from '@tensorflow/tfjs-core';

// The trainings that parity/record.py recorded in PyTorch, and the weights and views that both sides make by the same hash.

/** A recorded training. */
export interface Curve {
  readonly method: 'simsiam' | 'byol';
  readonly optimizer: 'sgd' | 'lars';
  readonly seed: number;
  /** How close to 0 an input of a relu comes: where rounding decides its sign, two trainings part. */
  readonly margin: number;
  /** The largest relative difference of PyTorch's own single precision from `losses`, which are of double precision. */
  readonly single: number;
  readonly losses: readonly number[];
}

const file = new URL('../parity/curves.json', import.meta.url);
export const curves: readonly Curve[] = (JSON.parse(readFileSync(file, 'utf8')) as { readonly cases: readonly Curve[] }).cases;

const [batchSize, images, size] = [16, 256, 4];
/** `[height, width, channels]` of a view. */
export const inputShape: readonly [number, number, number] = [size, size, 3];

/** `count` numbers in [−1, 1), the same as in parity/record.py. */
function uniform(seed: number, name: string, count: number): Float64Array {
  let start = 0x811c9dc5;
  for (const character of `${seed}/${name}`) start = Math.imul(start ^ character.codePointAt(0)!, 0x01000193);
  return Float64Array.from({ length: count }, (_, i) => {
    let x = Math.imul(i, 0x9e3779b1) + start;
    x = Math.imul(x ^ (x >>> 16), 0x85ebca6b);
    x = Math.imul(x ^ (x >>> 13), 0xc2b2ae35);
    return ((x ^ (x >>> 16)) >>> 0) / 2 ** 31 - 1;
  });
}

/** Each image is a pattern of 2×2 patches; a view of it is shifted, scaled and noisy. */
function view(seed: number, step: number, which: number): RenderedImages {
  const data = new Float32Array(batchSize * size * size * 3);
  const patch = (pixel: number, shift: number): number => Math.floor((pixel + Math.trunc(shift + 1)) / 2) % 2;
  for (let i = 0; i < batchSize; i++) {
    const pattern = uniform(seed, `image ${(step * batchSize + i) % images}`, 2 * 2 * 3);
    const [down, right, gain] = uniform(seed, `view ${step} ${i} ${which}`, 3) as unknown as [number, number, number];
    const noise = uniform(seed, `noise ${step} ${i} ${which}`, size * size * 3);
    for (let at = 0; at < noise.length; at++) {
      const [y, x, channel] = [Math.floor(at / (3 * size)), Math.floor(at / 3) % size, at % 3];
      const value = pattern[(patch(y, down) * 2 + patch(x, right)) * 3 + channel]!;
      data[i * noise.length + at] = value * (1 + 0.25 * gain) + 0.125 * noise[at]!;
    }
  }
  return { data, shape: [batchSize, size, size, 3] };
}

/** The batches of a recorded training: one epoch. */
export function recordedBatches({ seed, losses: { length: steps } }: Curve): ViewBatches<'a' | 'b'> {
  return {
    stepsPerEpoch: steps,
    batchSize,
    epoch: async function* (): AsyncGenerator<ViewBatch<'a' | 'b'>> {
      for (let step = 0; step < steps; step++) {
        const indices = Int32Array.from({ length: batchSize }, (_, i) => (step * batchSize + i) % images);
        yield { views: { a: view(seed, step, 0), b: view(seed, step, 1) }, indices };
      }
    },
  };
}

/**
 * A network that starts from the weights of a recorded training: kernels by their fan-out, linear layers by their fan-in, and
 * normalisation as the identity.
 */
export function filled(spec: NetSpec, { seed }: Curve, group: 'encoder' | 'projector' | 'predictor'): NetSpec {
  return {
    name: spec.name,
    build: (shapeOfInput, buildSeed) => {
      const model = spec.build(shapeOfInput, buildSeed);
      for (const { name, shape, variable, fromTorch } of torchWeights(model)) {
        if (!/conv|downsample\.0|linear/.test(name)) continue;
        const u = uniform(seed, `${group}.${name}`, shape.reduce((a, b) => a * b, 1));
        const bound = shape.length === 4 ? Math.sqrt(6 / (shape[0]! * shape[2]! * shape[3]!)) : 1 / Math.sqrt(shape.at(-1)!);
        tidy(() => void variable.write(fromTorch(tensor(Float32Array.from(u, (value) => value * bound), [...shape]))));
      }
      return model;
    },
  };
}
