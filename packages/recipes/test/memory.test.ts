import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { memory } from '@tensorflow/tfjs-core';
import { useWasmBackend } from '@selfsup/backend-wasm';
import { byolPredictor, byolProjector, simsiamPredictor, simsiamProjector } from '@selfsup/heads';
import { byol } from '@selfsup/recipes/byol';
import { simsiam } from '@selfsup/recipes/simsiam';
import { grayscaleViews } from '@selfsup/augment';
import { take, viewBatches } from '@selfsup/data';
import { fashionMnistSample } from '@selfsup/data/node';
import { sgd } from '@selfsup/optim';
import { train } from '@selfsup/train';
import { beforeAll, expect, test } from 'vitest';
import { inputShape, tinyEncoder } from './small-training.ts';

beforeAll(async () => {
  await useWasmBackend();
});

const input = { encoder: tinyEncoder(), inputShape, seed: 1 };

const methods = {
  byol: () => byol({ ...input, projector: byolProjector({ hidden: 64, out: 32 }), predictor: byolPredictor({ hidden: 64, out: 32 }) }),
  simsiam: () => simsiam({ ...input, projector: simsiamProjector({ dim: 32 }), predictor: simsiamPredictor({ hidden: 16, out: 32 }) }),
};

/** Without it, what V8 has not got round to collecting would count: that grows and shrinks by tens of megabytes. */
function garbageCollector(): () => void {
  setFlagsFromString('--expose-gc');
  return runInNewContext('gc') as () => void;
}

test.each(Object.entries(methods))('%s: tensors, backend bytes and resident memory stay flat over 200 steps', async (_, make) => {
  const method = make();
  const { train: all } = await fashionMnistSample();
  const batches = viewBatches(take(all, 640), { views: grayscaleViews(), batchSize: 16, seed: 1 });
  const optimizer = sgd({ learningRate: 0.05 });
  const collect = garbageCollector();
  const seen: { tensors: number; bytes: number }[] = [];
  const resident: number[] = [];
  await train({
    method,
    batches,
    optimizer,
    epochs: 5,
    onStep: () => {
      const { numTensors, numBytes } = memory();
      seen.push({ tensors: numTensors, bytes: numBytes });
      if (seen.length % 20 > 0) return;
      collect();
      resident.push(process.memoryUsage.rss());
    },
  });
  optimizer.dispose();
  method.dispose();
  expect(seen).toHaveLength(200);
  const settled = seen.slice(1);
  expect(new Set(settled.map(({ tensors }) => tensors)).size).toBe(1);
  expect(new Set(settled.map(({ bytes }) => bytes)).size).toBe(1);
  const [early, late] = [Math.max(...resident.slice(2, 4)), Math.min(...resident.slice(8))];
  expect(late - early).toBeLessThan(8 * 2 ** 20);
});
