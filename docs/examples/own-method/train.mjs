import { grayscaleViews } from '@selfsup/augment';
import { smallResNet } from '@selfsup/backbones';
import { useWasmBackend } from '@selfsup/backend-wasm';
import { take, viewBatches } from '@selfsup/data';
import { fashionMnistSample } from '@selfsup/data/node';
import { cosine, sgd } from '@selfsup/optim';
import { train } from '@selfsup/train';
import { simclr } from './method.mjs';

await useWasmBackend();
const { train: images } = await fashionMnistSample();
const method = simclr({ encoder: smallResNet({ width: 8 }), inputShape: [28, 28, 1], seed: 1 });
const epochs = 5;
/** @type {number[]} */
const losses = [];
const { steps } = await train({
  method,
  epochs,
  batches: viewBatches(take(images, 640), { views: grayscaleViews(), batchSize: 64, seed: 1 }),
  optimizer: sgd({ learningRate: cosine({ base: 0.1 }), momentum: 0.9, weightDecay: 5e-4 }),
  onEpoch: ({ epoch, metrics }) => {
    losses.push(metrics.loss);
    console.log(`epoch ${epoch + 1}/${epochs}  loss ${metrics.loss.toFixed(4)}  std ${metrics.std.toFixed(4)}`);
  },
});
console.log(`${steps} steps; the loss of guessing is ${Math.log(2 * 64 - 1).toFixed(4)}`);
method.dispose();
if (Number(losses.at(-1)) >= losses[0]) throw new Error('The loss did not fall.');
