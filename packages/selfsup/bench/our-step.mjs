// Optimisation steps of a recipe on our backend, told by lines on standard input: `step` asks for one, `steps 8` for eight, and each
// answer is their seconds. Options as in torch-step.py.
import { createInterface } from 'node:readline';
import { parseArgs } from 'node:util';
import { resnet18, resnet50 } from '@selfsup/backbones';
import { useWasmBackend } from '@selfsup/backend-wasm';
import { byol } from '@selfsup/recipes/byol';
import { simsiamPresets } from '@selfsup/recipes/simsiam';
import { trainStep } from '@selfsup/train';
import { backend, randomNormal } from '@tensorflow/tfjs-core';
import { profileKernels } from './profile-kernels.mjs';

const { values: options } = parseArgs({
  options: {
    method: { type: 'string', default: 'simsiam' },
    backbone: { type: 'string', default: 'resnet18' },
    batch: { type: 'string', default: '64' },
    threads: { type: 'string', default: '2' },
    profile: { type: 'boolean', default: false },
  },
});

const batch = Number(options.batch);
const size = 32;
await useWasmBackend({ threads: Number(options.threads) });
const profile = options.profile ? profileKernels('selfsup-wasm') : undefined;

const cifar = simsiamPresets.find(({ name }) => name === 'cifar');
const input = { encoder: { resnet18, resnet50 }[options.backbone]({ stem: 'cifar' }), inputShape: [size, size, 3], seed: 0 };
const method = options.method === 'byol' ? byol(input) : cifar.method(input);
const optimizer = cifar.optimizer({ batchSize: 256 });
const numbers = (images, seed) => {
  const values = randomNormal([images, size, size, 3], 0, 1, 'float32', seed);
  return { data: values.dataSync(), shape: values.shape };
};
const viewsOf = (images) => ({ a: numbers(images, 1), b: numbers(images, 2) });
const views = viewsOf(batch);

let taken = 0;
/** Seconds of so many steps, one after the other, until all that they started is done: a step returns before its last kernels end. */
async function steps(count, batchViews = views) {
  const start = performance.now();
  for (let i = 0; i < count; i++) {
    const at = { step: taken++, totalSteps: 1000, epoch: 0, stepsPerEpoch: 1000, batchSize: batch };
    await trainStep(method, optimizer, { views: batchViews, indices: [] }, at);
  }
  backend().engine.finish();
  return (performance.now() - start) / 1000;
}

// A training is thousands of steps. V8 goes on compiling the JavaScript of a step for the first hundred or two, whatever the batch.
await steps(150, viewsOf(2));
await steps(1);
profile?.reset();
console.log('ready');
for await (const line of createInterface({ input: process.stdin })) {
  if (line === 'memory') console.log(JSON.stringify({ peakRssMb: process.resourceUsage().maxRSS / 1024 }));
  else if (line === 'profile') console.log(JSON.stringify(profile.report()));
  else console.log(await steps(Number(line.split(' ')[1] ?? 1)));
}
