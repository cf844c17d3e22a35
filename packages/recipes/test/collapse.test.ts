import { useWasmBackend } from '@selfsup/backend-wasm';
import { byol } from '@selfsup/recipes/byol';
import { simsiam } from '@selfsup/recipes/simsiam';
import { byolPredictor, byolProjector, simsiamPredictor, simsiamProjector } from '@selfsup/heads';
import { noStopGradient } from '@selfsup/targets';
import type { Method } from '@selfsup/train';
import { beforeAll, expect, test } from 'vitest';
import { inputShape, tinyEncoder, trainSmall } from './small-training.ts';

beforeAll(async () => {
  await useWasmBackend();
});

const input = { inputShape, seed: 3 };
const predictor = simsiamPredictor({ hidden: 32, out: 128 });
const published = { projector: simsiamProjector({ layers: 2, dim: 128 }), predictor };
/**
 * BN on the hidden layer only (the paper's table 3b): with BN on the output, whose deviation it holds at 1 over a batch,
 * a collapse takes far longer than a test may.
 */
const hiddenBatchNorm = { projector: byolProjector({ hidden: 128, out: 128 }), predictor };

/** Mean std·√d of the last steps of a short training: 1 healthy, 0 collapsed. */
async function finalStd(method: Method<'a' | 'b'>): Promise<number> {
  const metrics = await trainSmall(method, { images: 1280, epochs: 2, batchSize: 32 });
  method.dispose();
  const last = metrics.slice(-8).map(({ std }) => std!);
  return last.reduce((sum, value) => sum + value, 0) / last.length;
}

test('SimSiam as published keeps its embeddings apart', async () => {
  expect(await finalStd(simsiam({ encoder: tinyEncoder(), ...input, ...published }))).toBeGreaterThan(0.7);
});

test('SimSiam collapses without stop-gradient and without predictor, and not with both', async () => {
  const encoder = tinyEncoder();
  const healthy = await finalStd(simsiam({ encoder, ...input, ...hiddenBatchNorm }));
  const withoutStop = await finalStd(simsiam({ encoder, ...input, ...hiddenBatchNorm, target: noStopGradient() }));
  const withoutPredictor = await finalStd(simsiam({ encoder, ...input, ...hiddenBatchNorm, predictor: null }));
  expect(healthy).toBeGreaterThan(0.3);
  expect(withoutStop).toBeLessThan(healthy / 4);
  expect(withoutPredictor).toBeLessThan(healthy / 4);
});

test('BYOL keeps its embeddings apart', async () => {
  const heads = { projector: byolProjector({ hidden: 128, out: 64 }), predictor: byolPredictor({ hidden: 128, out: 64 }) };
  expect(await finalStd(byol({ encoder: tinyEncoder(), ...input, ...heads }))).toBeGreaterThan(0.3);
});
