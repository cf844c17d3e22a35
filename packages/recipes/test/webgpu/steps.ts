import { smallResNet } from '@selfsup/backbones';
import { useWasmBackend } from '@selfsup/backend-wasm';
import type { ViewBatch } from '@selfsup/data';
import { byolPredictor, byolProjector, simsiamPredictor, simsiamProjector } from '@selfsup/heads';
import { lars, sgd } from '@selfsup/optim';
import { byol } from '@selfsup/recipes/byol';
import { simsiam } from '@selfsup/recipes/simsiam';
import { lossAndGradients, trainStep } from '@selfsup/train';
import type { Method } from '@selfsup/train';
import { getBackend, removeBackend, setBackend, tensor4d } from '@tensorflow/tfjs-core';
import type { Tensor, Tensor4D } from '@tensorflow/tfjs-core';
// oxlint-disable-next-line import/no-unassigned-import -- registers the backend
import '@tensorflow/tfjs-backend-webgpu';

// A program of its own, for Node and for a page: a training step on WebGPU, and the same on the wasm backend.

/** What a step computed: one number or one list of numbers each. */
export interface Outcome {
  readonly backend: string;
  readonly loss: number;
  /** By parameter. */
  readonly gradients: Readonly<Record<string, readonly number[]>>;
  /** After the step: parameters, the target's too, and running statistics. */
  readonly state: Readonly<Record<string, readonly number[]>>;
}
export type Outcomes = Readonly<Record<'byol' | 'simsiam', Readonly<Record<'webgpu' | 'wasm', Outcome>>>>;

const shape: [number, number, number, number] = [8, 8, 8, 3];
const input = { encoder: smallResNet({ width: 4, stages: 2 }), inputShape: [8, 8, 3] as const, seed: 3 };
const methods = {
  byol: () => byol({ ...input, projector: byolProjector({ hidden: 16, out: 8 }), predictor: byolPredictor({ hidden: 16, out: 8 }) }),
  simsiam: () => simsiam({ ...input, projector: simsiamProjector({ dim: 16 }), predictor: simsiamPredictor({ hidden: 8, out: 16 }) }),
};
const optimizers = {
  byol: () => lars({ learningRate: 0.2, weightDecay: 1e-4, trust: 0.02 }),
  simsiam: () => sgd({ learningRate: 0.1, weightDecay: 1e-4 }),
};

/** Numbers in [−1, 1). */
function view(seed: number): Float32Array {
  let state = seed;
  return Float32Array.from({ length: shape.reduce((a, b) => a * b) }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) | 0;
    return state / 2 ** 31;
  });
}

const numbers = async (tensor: Tensor): Promise<readonly number[]> => [...(await tensor.data())];

async function step(method: Method<'a' | 'b'>, recipe: keyof typeof methods): Promise<Outcome> {
  const indices = Int32Array.from({ length: shape[0] }, (_, i) => i);
  const at = { step: 0, totalSteps: 10, epoch: 0, stepsPerEpoch: 10, batchSize: shape[0] };
  const [a, b] = [view(1), view(2)];
  const tensors: Record<'a' | 'b', Tensor4D> = { a: tensor4d(a, shape), b: tensor4d(b, shape) };
  const { loss, gradients } = lossAndGradients(method, tensors, at, indices);
  const found: Record<string, readonly number[]> = {};
  for (const [name, gradient] of gradients) found[name] = await numbers(gradient);
  const batch: ViewBatch<'a' | 'b'> = { views: { a: { data: a, shape }, b: { data: b, shape } }, indices };
  await trainStep(method, optimizers[recipe](), batch, at);
  const state: Record<string, readonly number[]> = {};
  for (const { name, variable } of [...method.parameters(), ...method.state()]) state[name] = await numbers(variable);
  return { backend: getBackend(), loss: (await numbers(loss))[0]!, gradients: found, state };
}

async function runSteps(): Promise<Outcomes> {
  const on = async (backend: 'webgpu' | 'wasm', recipe: keyof typeof methods): Promise<Outcome> => {
    if (backend === 'webgpu') await setBackend('webgpu');
    else await useWasmBackend({ threads: 1 });
    const method = methods[recipe]();
    const outcome = await step(method, recipe);
    method.dispose();
    return outcome;
  };
  const both = async (recipe: keyof typeof methods): Promise<Outcomes['byol']> => ({ webgpu: await on('webgpu', recipe), wasm: await on('wasm', recipe) });
  const outcomes = { byol: await both('byol'), simsiam: await both('simsiam') };
  removeBackend('webgpu');
  return outcomes;
}

Object.assign(globalThis, { runSteps });
