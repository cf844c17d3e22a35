// oxlint-disable-next-line import/no-unassigned-import -- registers the backend
import '@tensorflow/tfjs-backend-cpu';
import { moments, randomNormal, ready, setBackend } from '@tensorflow/tfjs-core';
import type { Tensor } from '@tensorflow/tfjs-core';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { beforeAll, describe, expect, it } from 'vitest';
import {
  barlowTwinsProjector,
  byolPredictor,
  byolProjector,
  HeadsError,
  mlp,
  mocoV2Projector,
  simclrProjector,
  simsiamPredictor,
  simsiamProjector,
  vicregExpander,
} from '@selfsup/heads';

beforeAll(async () => {
  await setBackend('cpu');
  await ready();
});

const values = (t: Tensor): number[] => [...t.dataSync()];

/** What a head is made of, in the words of the papers' tables: `linear 8→16+b` is a linear layer with bias. */
function layout(net: LayersModel): string[] {
  return net.layers.slice(1).map((layer) => {
    const config = layer.getConfig() as { useBias?: boolean; affine?: boolean; relu?: boolean };
    const weights = layer.weights.map(({ originalName, shape }) => [originalName.split('/')[1], shape] as const);
    if (layer.getClassName() === 'Dense') {
      expect(weights.map(([name]) => name)).toEqual(config.useBias ? ['kernel', 'bias'] : ['kernel']);
      return `linear ${weights[0]![1].join('→')}${config.useBias ? '+b' : ''}`;
    }
    if (layer.getClassName() === 'SelfsupBatchNorm') {
      expect(layer.trainableWeights).toHaveLength(config.affine ? 2 : 0);
      return `bn${config.affine ? '' : '-plain'}${config.relu ? ' relu' : ''}`;
    }
    return layer.getClassName() === 'ReLU' ? 'relu' : layer.getClassName();
  });
}

function failure(f: () => unknown): HeadsError {
  try {
    f();
  } catch (error) {
    if (error instanceof HeadsError) return error;
    throw error;
  }
  throw new Error('nothing was thrown');
}

describe('published layouts', () => {
  it.each([
    ['BYOL projector', byolProjector({ hidden: 16, out: 4 }), ['linear 8→16+b', 'bn relu', 'linear 16→4']],
    ['BYOL predictor', byolPredictor({ hidden: 16, out: 8 }), ['linear 8→16+b', 'bn relu', 'linear 16→8']],
    [
      'SimSiam projector',
      simsiamProjector({ dim: 16 }),
      ['linear 8→16', 'bn relu', 'linear 16→16', 'bn relu', 'linear 16→16', 'bn-plain'],
    ],
    ['SimSiam projector, CIFAR-10', simsiamProjector({ layers: 2, dim: 16 }), ['linear 8→16', 'bn relu', 'linear 16→16', 'bn-plain']],
    ['SimSiam predictor', simsiamPredictor({ hidden: 4, out: 8 }), ['linear 8→4', 'bn relu', 'linear 4→8+b']],
    ['Barlow Twins', barlowTwinsProjector({ dim: 16 }), ['linear 8→16', 'bn relu', 'linear 16→16', 'bn relu', 'linear 16→16']],
    ['VICReg', vicregExpander({ dim: 16 }), ['linear 8→16+b', 'bn relu', 'linear 16→16+b', 'bn relu', 'linear 16→16']],
    ['SimCLR', simclrProjector({ hidden: 16, out: 4 }), ['linear 8→16', 'bn relu', 'linear 16→4', 'bn']],
    ['MoCo v2', mocoV2Projector({ hidden: 16, out: 4 }), ['linear 8→16+b', 'relu', 'linear 16→4+b']],
  ])('%s', (_, spec, expected) => {
    const net = spec.build([8], 1);
    expect(layout(net)).toEqual(expected);
    net.dispose();
  });

  it.each([
    ['BYOL projector', byolProjector(), 512, 512 * 4096 + 4096 + 2 * 4096 + 4096 * 256],
    ['SimSiam projector', simsiamProjector(), 512, 512 * 2048 + 2 * 2048 * 2048 + 4 * 2048],
    ['SimSiam predictor', simsiamPredictor(), 2048, 2048 * 512 + 2 * 512 + 512 * 2048 + 2048],
  ])('%s has the published size by default', (_, spec, dim, expected) => {
    const net = spec.build([dim], 1);
    expect(net.trainableWeights.reduce((total, { shape }) => total + shape.reduce<number>((a, b) => a * b!, 1), 0)).toBe(expected);
    net.dispose();
  });
});

describe('mlp', () => {
  it('uses the momentum and epsilon of the papers', () => {
    const net = byolProjector({ hidden: 4 }).build([8], 1);
    expect(net.getLayer('bn1').getConfig()).toMatchObject({ momentum: 0.9, epsilon: 1e-5 });
    net.dispose();
  });

  it("makes SimSiam's z of zero mean and unit variance over the batch", () => {
    const net = simsiamProjector({ dim: 8 }).build([8], 1);
    const z = net.apply(randomNormal([64, 8], 3, 2, 'float32', 1), { training: true }) as Tensor;
    const { mean, variance } = moments(z, 0);
    for (const value of values(mean)) expect(value).toBeCloseTo(0, 4);
    for (const value of values(variance)) expect(value).toBeCloseTo(1, 2);
    net.dispose();
  });

  it('draws every weight from the seed', () => {
    const spec = mlp({ layers: [{ units: 8, relu: true }, { units: 8 }] });
    const nets = [spec.build([8], 0), spec.build([8], 0), spec.build([8], 1)];
    const [first, again, other] = nets.map((net) => net.weights.map((weight) => values(weight.read())));
    expect(again).toEqual(first);
    expect(other).not.toEqual(first);
    expect(first![0]).not.toEqual(first![2]);
    for (const net of nets) net.dispose();
  });

  it('says what it was given and what it takes', () => {
    expect(failure(() => mlp({ layers: [] })).code).toBe('invalid-option');
    expect(failure(() => byolProjector({ hidden: 0.5 })).message).toContain('0.5');
    expect(failure(() => simsiamProjector({ layers: 4 as 3 })).code).toBe('invalid-option');
    const image = failure(() => byolProjector().build([32, 32, 3], 1));
    expect(image.code).toBe('shape-mismatch');
    expect(image.message).toContain('[32, 32, 3]');
  });
});
