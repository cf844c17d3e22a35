import { useWasmBackend } from '@selfsup/backend-wasm';
import { byolPredictor, byolProjector, simsiamPredictor, simsiamProjector } from '@selfsup/heads';
import { byol } from '@selfsup/recipes/byol';
import { simsiam } from '@selfsup/recipes/simsiam';
import { fixedRandom } from '@selfsup/targets';
import { methodConformance } from '@selfsup/testing';
import { beforeAll, expect, test } from 'vitest';
import { inputShape, tinyEncoder } from './small-training.ts';

beforeAll(async () => {
  await useWasmBackend();
});

const byolHeads = { projector: byolProjector({ hidden: 32, out: 16 }), predictor: byolPredictor({ hidden: 32, out: 16 }) };
const simsiamHeads = { projector: simsiamProjector({ layers: 3, dim: 32 }), predictor: simsiamPredictor({ hidden: 8, out: 32 }) };

test('BYOL keeps the contract', async () => {
  const report = await methodConformance((seed) => byol({ encoder: tinyEncoder(), inputShape, seed, ...byolHeads }), { inputShape });
  expect(report.method).toBe('byol');
});

test('BYOL with a fixed random target keeps the contract', async () => {
  await methodConformance(
    (seed) => byol({ encoder: tinyEncoder(), inputShape, seed, ...byolHeads, target: fixedRandom() }),
    { inputShape },
  );
});

test('SimSiam keeps the contract', async () => {
  const report = await methodConformance((seed) => simsiam({ encoder: tinyEncoder(), inputShape, seed, ...simsiamHeads }), { inputShape });
  expect(report.method).toBe('simsiam');
});
