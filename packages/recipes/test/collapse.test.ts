import { useWasmBackend } from '@selfsup/backend-wasm';
import { byol } from '@selfsup/recipes/byol';
import { simsiam } from '@selfsup/recipes/simsiam';
import { simsiamPredictor, simsiamProjector } from '@selfsup/heads';
import { noStopGradient } from '@selfsup/targets';
import type { Method } from '@selfsup/train';
import { beforeAll, expect, test } from 'vitest';
import { inputShape, tinyEncoder, trainSmall } from './small-training.ts';

beforeAll(async () => {
  await useWasmBackend();
});

const input = { inputShape, seed: 3 };
const heads = { projector: simsiamProjector({ layers: 2, dim: 128 }), predictor: simsiamPredictor({ hidden: 32, out: 128 }) };

/** Mean std·√d of the last steps of a short training: 1 healthy, 0 collapsed. */
async function finalStd(method: Method<'a' | 'b'>): Promise<number> {
  const metrics = await trainSmall(method);
  method.dispose();
  const last = metrics.slice(-8).map(({ std }) => std!);
  return last.reduce((sum, value) => sum + value, 0) / last.length;
}

test('SimSiam keeps its embeddings apart; without stop-gradient, or without predictor, they collapse', async () => {
  const encoder = tinyEncoder();
  const healthy = await finalStd(simsiam({ encoder, ...input, ...heads }));
  const withoutStop = await finalStd(simsiam({ encoder, ...input, ...heads, target: noStopGradient() }));
  const withoutPredictor = await finalStd(simsiam({ encoder, ...input, ...heads, predictor: null }));
  expect(healthy).toBeGreaterThan(0.4);
  expect(withoutStop).toBeLessThan(healthy / 4);
  expect(withoutPredictor).toBeLessThan(healthy / 4);
});

test('BYOL does not collapse', async () => {
  expect(await finalStd(byol({ encoder: tinyEncoder(), ...input }))).toBeGreaterThan(0.4);
});
