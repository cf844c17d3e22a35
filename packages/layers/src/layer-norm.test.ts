// oxlint-disable-next-line import/no-unassigned-import -- registers the backend
import '@tensorflow/tfjs-backend-cpu';
import { dispose, memory, profile, randomNormal, ready, setBackend, sum, tensor, variableGrads } from '@tensorflow/tfjs-core';
import type { Tensor } from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { layerNorm, LayersError } from '@selfsup/layers';
import { alone, modelGradientGaps, relativeGap, saveAndLoad, values } from '../test/gradient-check.ts';

beforeAll(async () => {
  await setBackend('cpu');
  await ready();
});

const draw = (shape: number[], seed: number): Tensor => randomNormal(shape, 0.5, 2, 'float32', seed);

describe('layerNorm', () => {
  it.each([[[4, 6]], [[2, 3, 6]], [[2, 2, 3, 6]]])('%o: each row has mean β and deviation γ', (shape) => {
    const net = alone(layerNorm(), shape.slice(1));
    const [gamma, beta] = [draw([6], 1), draw([6], 2)];
    net.setWeights([gamma, beta]);
    const x = draw(shape, 3);
    const rows = values(x);
    const expected = rows.map((value, i) => {
      const row = rows.slice(i - (i % 6), i - (i % 6) + 6);
      const mean = row.reduce((a, b) => a + b) / 6;
      const variance = row.reduce((a, b) => a + (b - mean) ** 2, 0) / 6;
      return (values(gamma)[i % 6]! * (value - mean)) / Math.sqrt(variance + 1e-5) + values(beta)[i % 6]!;
    });
    expect(relativeGap(values(net.apply(x) as Tensor), expected)).toBeLessThan(1e-6);
    net.dispose();
  });

  it('agrees with torch.nn.LayerNorm', () => {
    const net = alone(layerNorm({ epsilon: 0.1 }), [4]);
    net.setWeights([tensor([1, 2, -1, 0.5]), tensor([0, 0.25, 0.5, -1])]);
    // layer_norm(tensor([[1, 2, 4, 8], [-1, 0, 0, 3]]), (4,), gamma, beta, eps=0.1) in double precision
    const expected = [-1.018693207, -1.046518627, 0.407391527, -0.212827977, -0.97849211, -0.402328073, 0.826164037, -0.18458991];
    expect(relativeGap(values(net.apply(tensor([[1, 2, 4, 8], [-1, 0, 0, 3]])) as Tensor), expected)).toBeLessThan(1e-6);
    net.dispose();
  });

  it.each([[[5, 4]], [[2, 3, 4]], [[2, 2, 2, 4]]])('%o: gradients are those of central differences', (shape) => {
    for (const affine of [true, false]) {
      const net = alone(layerNorm({ affine }), shape.slice(1));
      const gaps = modelGradientGaps(net, [draw(shape, 3)]);
      expect(gaps).toHaveLength(affine ? 3 : 1);
      for (const gap of gaps) expect(gap).toBeLessThan(1e-3);
      net.dispose();
    }
  });

  it('takes few kernels where there is no fused one', async () => {
    const net = alone(layerNorm(), [17, 8]);
    const x = draw([2, 17, 8], 1);
    const { kernels } = await profile(() => {
      const { value, grads } = variableGrads(() => sum(net.apply(x) as Tensor));
      dispose([value, grads]);
    });
    // 9 forward and 12 backward of the layer, and the sum's 3; tfjs's own layer takes hundreds.
    const computing = kernels.filter(({ name }) => !['Identity', 'Reshape', 'unnamed scope'].includes(name));
    expect(computing.length).toBe(24);
    net.dispose();
  });

  it('leaves no tensor behind', () => {
    const net = alone(layerNorm(), [4]);
    const x = draw([3, 4], 1);
    const before = memory().numTensors;
    const { value, grads } = variableGrads(() => sum(net.apply(x) as Tensor));
    dispose([value, grads]);
    expect(memory().numTensors).toBe(before);
    net.dispose();
  });

  it('comes back from disk, is called a normalisation, and refuses what it cannot be', async () => {
    const net = alone(layerNorm({ epsilon: 1e-3 }), [3, 4]);
    net.setWeights([draw([4], 1), draw([4], 2)]);
    const x = draw([2, 3, 4], 3);
    const back = await saveAndLoad(net);
    expect(values(back.apply(x) as Tensor)).toEqual(values(net.apply(x) as Tensor));
    expect(layerNorm().getClassName()).toContain('Norm');
    expect(() => layerNorm({ epsilon: 0 })).toThrow(LayersError);
    net.dispose();
    back.dispose();
  });
});
