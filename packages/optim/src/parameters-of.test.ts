// oxlint-disable-next-line import/no-unassigned-import -- registers the backend
import '@tensorflow/tfjs-backend-cpu';
import { onesLike } from '@tensorflow/tfjs-core';
import { layers, model as functional, sequential, input } from '@tensorflow/tfjs-layers';
import type { LayersModel, SymbolicTensor } from '@tensorflow/tfjs-layers';
import { describe, expect, it } from 'vitest';
import { parametersOf } from './parameters-of.ts';

const dense = (units: number, options: { name?: string; useBias?: boolean; trainable?: boolean } = {}) =>
  layers.dense({ units, kernelInitializer: 'zeros', ...options });

function head(): LayersModel {
  return sequential({
    layers: [
      layers.inputLayer({ inputShape: [3] }),
      dense(4, { name: 'hidden' }),
      layers.batchNormalization({ name: 'hidden-bn' }),
      layers.layerNormalization({ name: 'ln' }),
      dense(2, { name: 'out', useBias: false }),
    ],
  });
}

const unnamed = (): LayersModel =>
  sequential({ layers: [layers.inputLayer({ inputShape: [3] }), dense(4), layers.batchNormalization({}), dense(2, { useBias: false })] });

describe('parametersOf', () => {
  it('lists trainable variables by layer, with the role by the layer', () => {
    const found = parametersOf(head(), 'projector').map(({ name, role, group }) => [name, role, group]);
    expect(found).toEqual([
      ['projector/hidden/kernel', 'weight', 'projector'],
      ['projector/hidden/bias', 'bias', 'projector'],
      ['projector/hidden-bn/gamma', 'norm', 'projector'],
      ['projector/hidden-bn/beta', 'norm', 'projector'],
      ['projector/ln/gamma', 'norm', 'projector'],
      ['projector/ln/beta', 'norm', 'projector'],
      ['projector/out/kernel', 'weight', 'projector'],
    ]);
  });

  it('answers the very variables of the model', () => {
    const net = head();
    const [kernel] = parametersOf(net, 'g');
    const ones = onesLike(kernel!.variable);
    kernel!.variable.assign(ones);
    expect(net.getWeights()[0]!.dataSync()).toEqual(ones.dataSync());
  });

  it('names unnamed layers by class and place, however many models the process has built', () => {
    const expected = ['e/dense_1/kernel', 'e/dense_1/bias', 'e/batchnormalization_1/gamma', 'e/batchnormalization_1/beta', 'e/dense_2/kernel'];
    expect(parametersOf(unnamed(), 'e').map(({ name }) => name)).toEqual(expected);
    expect(parametersOf(unnamed(), 'e').map(({ name }) => name)).toEqual(expected);
  });

  it('lists a shared layer once and steps into nested models', () => {
    const inner = head();
    const shared = dense(3, { name: 'shared', useBias: false });
    const x = input({ shape: [3] });
    const twice = shared.apply(shared.apply(x)) as SymbolicTensor;
    const net = functional({ inputs: x, outputs: inner.apply(twice) as SymbolicTensor });
    const names = parametersOf(net, 'net').map(({ name }) => name);
    expect(names).toHaveLength(8);
    expect(new Set(names).size).toBe(8);
    expect(names[0]).toBe('net/shared/kernel');
    expect(names[1]).toBe('net/sequential_1/hidden/kernel');
  });

  it('lists a layer once that a model holds both itself and inside of a nested model', () => {
    const shared = dense(3, { name: 'shared', useBias: false });
    const y = input({ shape: [3] });
    const inner = functional({ inputs: y, outputs: shared.apply(y) as SymbolicTensor, name: 'inner' });
    const x = input({ shape: [3] });
    const net = functional({ inputs: x, outputs: inner.apply(shared.apply(x)) as SymbolicTensor });
    expect(parametersOf(net, 'net').map(({ name }) => name)).toEqual(['net/shared/kernel']);
  });

  it('leaves out frozen layers, and tells the two sides of a wrapper apart', () => {
    const frozen = sequential({ layers: [layers.inputLayer({ inputShape: [3] }), dense(4, { trainable: false }), dense(2, { useBias: false })] });
    expect(parametersOf(frozen, 'g').map(({ name }) => name)).toEqual(['g/dense_2/kernel']);
    const both = sequential({
      layers: [
        layers.inputLayer({ inputShape: [2, 3] }),
        layers.bidirectional({ layer: layers.simpleRNN({ units: 2, kernelInitializer: 'zeros', recurrentInitializer: 'zeros' }) as never, mergeMode: 'concat' }),
      ],
    });
    const names = parametersOf(both, 'g').map(({ name }) => name);
    expect(names).toHaveLength(6);
    expect(new Set(names).size).toBe(6);
  });
});
