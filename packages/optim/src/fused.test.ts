import { clone, memory, profile, setBackend, tensor, tidy, variable } from '@tensorflow/tfjs-core';
import type { Tensor } from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { useWasmBackendSync } from '@selfsup/backend-wasm';
import { at } from '../test/training.ts';
import { adamW } from './adamw.ts';
import { clipByGlobalNorm } from './clip.ts';
import { excludeBiasAndNorm } from './group.ts';
import { lars } from './lars.ts';
import type { Optimizer } from './optimizer.ts';
import type { Parameter } from './parameter.ts';
import { sgd } from './sgd.ts';

// One kernel over all tensors against the composition: sizes below, at and above the stretches in which it takes them.

const sizes = [1, 3, 16_384, 16_385, 50_003, 0, 40];
const wave = (size: number, phase: number): Float32Array => Float32Array.from({ length: size }, (_, i) => Math.sin(1.7 * i + phase));
const rateOf = ({ group }: Parameter): object => (group === 'predictor' ? { learningRate: 0.2 } : {});
const common = { learningRate: 0.1, weightDecay: 0.02, exclude: excludeBiasAndNorm, groups: rateOf };

const optimizers: Readonly<Record<string, () => Optimizer>> = {
  'sgd': () => sgd(common),
  'sgd without momentum': () => sgd({ ...common, momentum: 0 }),
  'sgd with nesterov': () => sgd({ ...common, nesterov: true }),
  'lars': () => lars({ ...common, trust: 0.1 }),
  'adamW': () => adamW(common),
};

const use = async (backend: string): Promise<void> => {
  if (backend === 'cpu') await setBackend('cpu');
  else useWasmBackendSync({ threads: 2 });
};

const makeParameters = (): Parameter[] =>
  sizes.map((size, i) => ({
    name: `p${i}`, variable: tidy(() => variable(tensor(wave(size, i), [size]))), role: i % 2 === 0 ? 'weight' : 'bias', group: i === 4 ? 'predictor' : 'encoder',
  }));

const gradientsAt = (step: number): Map<string, Tensor> => new Map(sizes.map((size, i) => [`p${i}`, tensor(wave(size, 10 * step - i), [size])]));

/** Weights and state after four steps; the fifth parameter has no gradient in the first one. */
function train(optimizer: Optimizer, watch: (step: number, all: readonly Parameter[]) => void = () => {}): Map<string, Float32Array> {
  const all = makeParameters();
  for (let step = 0; step < 4; step++) {
    const gradients = gradientsAt(step);
    if (step === 0) gradients.delete('p4');
    optimizer.step(all, gradients, at(step));
    for (const gradient of gradients.values()) gradient.dispose();
    watch(step, all);
  }
  const named: [string, Tensor][] = [...all.map(({ name, variable: w }): [string, Tensor] => [`w ${name}`, w]), ...optimizer.state()];
  const result = new Map(named.map(([name, value]) => [name, value.dataSync() as Float32Array]));
  for (const { variable: w } of all) w.dispose();
  return result;
}

describe.each(Object.entries(optimizers))('%s', (_, create) => {
  it('ends where the composition ends, with the same state', async () => {
    const results: Map<string, Float32Array>[] = [];
    for (const backend of ['cpu', 'wasm']) {
      await use(backend);
      const optimizer = create();
      results.push(train(optimizer));
      optimizer.dispose();
    }
    const [composed, fused] = results as [Map<string, Float32Array>, Map<string, Float32Array>];
    expect([...fused.keys()].toSorted()).toEqual([...composed.keys()].toSorted());
    for (const [name, values] of fused) {
      const expected = composed.get(name)!;
      expect(values.length).toBe(expected.length);
      expect(values.reduce((most, value, i) => Math.max(most, Math.abs(value - expected[i]!)), 0)).toBeLessThan(2e-6);
    }
  });

  it('updates in place: no storage is made after the first steps, and clones that others keep do not move', async () => {
    await use('wasm');
    const optimizer = create();
    const backend = useWasmBackendSync();
    const kept: { readonly clone: Tensor; readonly before: Float32Array }[] = [];
    const bytes: number[] = [];
    train(optimizer, (step, all) => {
      bytes.push(backend.engine.bytesInUse);
      if (step !== 2) return;
      for (const original of [all[3]!.variable, ...optimizer.state().values()]) {
        kept.push({ clone: clone(original), before: original.dataSync() as Float32Array });
      }
    });
    expect(bytes[2]).toBe(bytes[1]);
    expect(bytes[3]).toBeGreaterThan(bytes[2]!);
    for (const { clone: copy, before } of kept) expect(copy.dataSync()).toEqual(before);
    for (const { clone: copy } of kept) copy.dispose();
    optimizer.dispose();
  });

  it('is one kernel', async () => {
    await use('wasm');
    const optimizer = create();
    const all = makeParameters();
    const gradients = gradientsAt(1);
    optimizer.step(all, gradients, at(0));
    const tensors = memory().numTensors;
    const { kernels } = await profile(() => void optimizer.step(all, gradients, at(1)));
    expect(kernels.map(({ name }) => name)).toHaveLength(1);
    expect(memory().numTensors).toBe(tensors);
    expect(() => optimizer.step([], new Map(), at(2))).not.toThrow();
  });
});

describe('clipByGlobalNorm', () => {
  beforeAll(() => use('wasm'));

  it('has the norm of all tensors together, and copies nothing below it', async () => {
    const gradients = gradientsAt(1);
    const norm = Math.sqrt([...gradients.values()].reduce((sum, g) => sum + (g.dataSync() as Float32Array).reduce((s, x) => s + x * x, 0), 0));
    const clipped = clipByGlobalNorm(gradients, norm / 4);
    for (const [name, g] of gradients) {
      const values = g.dataSync();
      expect(clipped.get(name)!.dataSync().every((x, i) => Math.abs(x - values[i]! / 4) < 1e-6)).toBe(true);
    }
    const backend = useWasmBackendSync();
    const before = backend.engine.bytesInUse;
    const same = clipByGlobalNorm(gradients, norm * 1.001);
    expect(backend.engine.bytesInUse).toBe(before);
    expect([...same.values()].map((g) => g.dataSync())).toEqual([...gradients.values()].map((g) => g.dataSync()));
  });
});
