// oxlint-disable-next-line import/no-unassigned-import -- registers the backend
import '@tensorflow/tfjs-backend-cpu';
import { randomNormal, ready, setBackend, tensor } from '@tensorflow/tfjs-core';
import type { Tensor } from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { gelu } from '@selfsup/layers';
import { alone, modelGradientGaps, saveAndLoad, values } from '../test/gradient-check.ts';

beforeAll(async () => {
  await setBackend('cpu');
  await ready();
});

const points = [-3, -1.5, -0.5, 0, 0.25, 1, 2.5];
// torch.nn.functional.gelu of these in double precision
const exact = [-0.00404969409, -0.1002108019, -0.1542687694, 0, 0.1496765814, 0.8413447461, 2.484475837];
const byTanh = [-0.00363739208, -0.100428423, -0.1542859902, 0, 0.1496753507, 0.8411919906, 2.484915734];

describe('gelu', () => {
  it.each([
    [false, exact],
    [true, byTanh],
  ])('approximate=%s agrees with torch, and its gradient with central differences', (approximate, expected) => {
    const net = alone(gelu({ approximate }), [7]);
    const y = values(net.apply(tensor([points])) as Tensor);
    for (const [i, value] of y.entries()) expect(Math.abs(value - expected[i]!)).toBeLessThan(1e-6);
    for (const gap of modelGradientGaps(net, [tensor([points])])) expect(gap).toBeLessThan(1e-3);
    for (const gap of modelGradientGaps(alone(gelu({ approximate }), [3, 5]), [randomNormal([2, 3, 5], 0, 2, 'float32', 1)])) {
      expect(gap).toBeLessThan(1e-3);
    }
    net.dispose();
  });

  it('comes back from disk as it was', async () => {
    const net = alone(gelu({ approximate: true }), [7]);
    const back = await saveAndLoad(net);
    expect(values(back.apply(tensor([points])) as Tensor)).toEqual(values(net.apply(tensor([points])) as Tensor));
  });
});
