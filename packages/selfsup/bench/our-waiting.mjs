// Steps of SimSiam with a ResNet-18 on images that come as in a training: a rendering thread beside the backend's own. Each line on
// standard input asks for a step; the answers are the share of them spent waiting for data, in all steps so far.
import { createInterface } from 'node:readline';
import { parseArgs } from 'node:util';
import { resnet18 } from '@selfsup/backbones';
import { useWasmBackend } from '@selfsup/backend-wasm';
import { arraySource } from '@selfsup/data';
import { imageFolder, workerViewBatches } from '@selfsup/data/node';
import { simsiamPresets } from '@selfsup/recipes/simsiam';
import { train } from '@selfsup/train';

const { values: options } = parseArgs({ options: { size: { type: 'string' }, batch: { type: 'string' }, folder: { type: 'string' } } });
const [size, batchSize] = [Number(options.size), Number(options.batch)];
await useWasmBackend({ threads: 2 });

const small = size <= 64;
const side = small ? size : 0;
const noise = () => arraySource({ images: Uint8Array.from({ length: 4096 * side * side * 3 }, (_, at) => (at * 7919) % 251), height: side, width: side, channels: 3 });
const source = small ? noise() : await imageFolder(options.folder);
const preset = simsiamPresets.find(({ name }) => name === (small ? 'cifar' : 'imagenet-100')) ?? simsiamPresets[0];
const method = preset.method({ encoder: resnet18({ stem: small ? 'cifar' : 'imagenet' }), inputShape: [size, size, 3], seed: 0 });
const views = { module: import.meta.resolve('@selfsup/augment'), export: small ? 'simsiamCifar' : 'simsiamImageNet', args: [{ size }] };
const batches = await workerViewBatches(source, { views, batchSize, seed: 0, workers: 1, reuse: true });

let asked;
const questions = createInterface({ input: process.stdin })[Symbol.asyncIterator]();
let [waited, taken, steps] = [0, 0, 0];
await train({
  method,
  batches,
  optimizer: preset.optimizer({ batchSize }),
  epochs: 1000,
  onStep: async ({ imagesPerSecond, secondsWaited }) => {
    // The first step fills caches and finds no batch ready.
    if (steps++ === 0) console.log('ready');
    else {
      waited += secondsWaited;
      taken += batchSize / imagesPerSecond;
      console.log(waited / taken);
    }
    asked = await questions.next();
    if (asked.done) process.exit();
  },
});
