import { smallResNet } from '@selfsup/backbones';
import { useWasmBackend } from '@selfsup/backend-wasm';
import { byolPredictor, byolProjector, simsiamPredictor, simsiamProjector } from '@selfsup/heads';
import { cosine, excludeBiasAndNorm, excludeNone, lars, sgd } from '@selfsup/optim';
import type { Optimizer } from '@selfsup/optim';
import { byol } from '@selfsup/recipes/byol';
import { simsiam } from '@selfsup/recipes/simsiam';
import { cosineMomentum, ema } from '@selfsup/targets';
import type { TargetStrategy } from '@selfsup/targets';
import { train } from '@selfsup/train';
import type { Method } from '@selfsup/train';
import { beforeAll, describe, expect, test } from 'vitest';
import { curves, filled, inputShape, recordedBatches } from './recorded.ts';
import type { Curve } from './recorded.ts';

beforeAll(async () => {
  await useWasmBackend();
});

const learningRate = cosine({ base: 0.1 });
const sgdOptions = { learningRate, momentum: 0.9, weightDecay: 5e-4 };
const larsOptions = { learningRate, momentum: 0.9, weightDecay: 1e-5, trust: 0.02 };
const optimizers: Record<Curve['optimizer'], () => Optimizer> = { sgd: () => sgd(sgdOptions), lars: () => lars(larsOptions) };

interface Parts {
  readonly target?: TargetStrategy;
  readonly optimizer?: Optimizer;
}

function methodOf(curve: Curve, target: TargetStrategy | undefined): Method<'a' | 'b'> {
  const input = { encoder: filled(smallResNet({ width: 4, stages: 2 }), curve, 'encoder'), inputShape, seed: 0 };
  if (curve.method === 'simsiam') {
    return simsiam({
      ...input,
      projector: filled(simsiamProjector({ layers: 2, dim: 32 }), curve, 'projector'),
      predictor: filled(simsiamPredictor({ hidden: 16, out: 32 }), curve, 'predictor'),
      ...(target ? { target } : {}),
    });
  }
  return byol({
    ...input,
    projector: filled(byolProjector({ hidden: 32, out: 16 }), curve, 'projector'),
    predictor: filled(byolPredictor({ hidden: 32, out: 16 }), curve, 'predictor'),
    target: target ?? ema({ momentum: cosineMomentum(0.97) }),
  });
}

/** Trains as recorded, but for the parts that are given: the relative difference of each step's loss from PyTorch's. */
async function gaps(curve: Curve, { target, optimizer = optimizers[curve.optimizer]() }: Parts = {}): Promise<readonly number[]> {
  const method = methodOf(curve, target);
  const losses: number[] = [];
  await train({ method, batches: recordedBatches(curve), optimizer, epochs: 1, onStep: ({ metrics }) => void losses.push(metrics.loss) });
  method.dispose();
  optimizer.dispose();
  expect(losses).toHaveLength(curve.losses.length);
  return losses.map((loss, step) => Math.abs(loss / curve.losses[step]! - 1));
}

test.each(curves)('$method with $optimizer: 50 steps give the losses of PyTorch', async (curve) => {
  expect(new Set(curve.losses).size).toBe(50);
  expect(Math.max(...(await gaps(curve)))).toBeLessThan(1e-3);
});

describe('the comparison is sharp enough to see', () => {
  const recorded = (method: Curve['method'], optimizer: Curve['optimizer']): Curve =>
    curves.find((curve) => curve.method === method && curve.optimizer === optimizer)!;

  test.each([
    ['a moving average off by 0.01', recorded('byol', 'sgd'), (): Parts => ({ target: ema({ momentum: cosineMomentum(0.98) }) })],
    ['a constant momentum of the average', recorded('byol', 'sgd'), (): Parts => ({ target: ema({ momentum: 0.97 }) })],
    ['weight decay that leaves normalisation out', recorded('simsiam', 'sgd'), (): Parts => ({ optimizer: sgd({ ...sgdOptions, exclude: excludeBiasAndNorm }) })],
    ["Nesterov's momentum", recorded('simsiam', 'sgd'), (): Parts => ({ optimizer: sgd({ ...sgdOptions, nesterov: true }) })],
    ['LARS that adapts normalisation and biases', recorded('byol', 'lars'), (): Parts => ({ optimizer: lars({ ...larsOptions, exclude: excludeNone }) })],
  ])('%s', async (_, curve, parts) => {
    expect(Math.max(...(await gaps(curve, parts())))).toBeGreaterThan(1e-3);
  });
});
