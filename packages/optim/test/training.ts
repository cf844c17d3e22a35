// oxlint-disable-next-line import/no-unassigned-import -- registers the backend
import '@tensorflow/tfjs-backend-cpu';
import { memory, profile, setBackend, tensor, tidy, variable } from '@tensorflow/tfjs-core';
import type { Tensor } from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect } from 'vitest';
import { backendName, useWasmBackendSync } from '@selfsup/backend-wasm';
import type { Optimizer, Parameter, Role, StepInfo } from '../src/index.ts';

const STEPS = 5;

/** The tests on a backend without the fused kernels, and on one that has them. */
export function describeOnBackends(name: string, tests: (fused: boolean) => void): void {
  describe.each(['cpu', backendName])(`${name} on %s`, (backend) => {
    beforeAll(async () => {
      if (backend === backendName) useWasmBackendSync({ threads: 2 });
      else await setBackend(backend);
    });
    tests(backend === backendName);
  });
}

export const at = (step: number, totalSteps: number = STEPS, stepsPerEpoch: number = totalSteps): StepInfo => ({
  step,
  totalSteps,
  epoch: Math.floor(step / stepsPerEpoch),
  stepsPerEpoch,
  batchSize: 256,
});

export function parameter(name: string, shape: number[], role: Role, group = 'encoder', phase = 1): Parameter {
  const size = shape.reduce((product, length) => product * length, 1);
  const values = Array.from({ length: size }, (_, i) => Math.sin(1.3 * i + phase));
  return { name, variable: tidy(() => variable(tensor(values, shape))), role, group };
}

/** A small siamese network's worth of parameters: every role, two groups. */
export const parameters = (): Parameter[] => [
  parameter('encoder/kernel', [3, 2], 'weight', 'encoder', 0),
  parameter('encoder/bias', [2], 'bias', 'encoder', 1),
  parameter('encoder/gamma', [2], 'norm', 'encoder', 2),
  parameter('predictor/kernel', [2, 2], 'weight', 'predictor', 3),
];

/** Gradients that change with the step, and by sign. */
const gradientAt = (step: number, p: Parameter): number[] =>
  Array.from({ length: p.variable.size }, (_, i) => Math.cos(0.9 * i + 2 * step + p.name.length));

export function gradientsAt(step: number, all: readonly Parameter[]): Map<string, Tensor> {
  return new Map(all.map((p) => [p.name, tensor(gradientAt(step, p), p.variable.shape)]));
}

export const valuesOf = (p: Parameter): number[] => [...p.variable.dataSync()];

/** One parameter's update in double precision: w, g, step → new w. Holds its own state. */
export type ScalarRule = (w: readonly number[], g: readonly number[], step: number) => readonly number[];

/**
 * Trains with the optimizer and with a rule per parameter in double precision, and compares after each step, to 1e-6.
 * Fails too when a step leaves a tensor behind.
 */
export function expectParity(optimizer: Optimizer, ruleOf: (p: Parameter) => ScalarRule): void {
  const all = parameters();
  const rules = all.map(ruleOf);
  const expected: (readonly number[])[] = all.map(valuesOf);
  const initial = all.map(valuesOf);
  let settled = 0;
  for (let step = 0; step < STEPS; step++) {
    const gradients = gradientsAt(step, all);
    optimizer.step(all, gradients, at(step));
    for (const gradient of gradients.values()) gradient.dispose();
    if (step === STEPS - 2) settled = memory().numTensors;
    for (const [i, p] of all.entries()) {
      expected[i] = rules[i]!(expected[i]!, gradientAt(step, p), step);
      for (const [j, value] of valuesOf(p).entries()) expect(Math.abs(value - expected[i]![j]!)).toBeLessThan(1e-6);
    }
  }
  expect(memory().numTensors).toBe(settled);
  expect(all.map(valuesOf)).not.toEqual(initial);
}

/** Stopping after two steps, keeping the state, and going on with a new optimizer ends at the very same weights. */
export function expectResumable(create: () => Optimizer): void {
  const before = memory().numTensors;
  const run = (interrupted: boolean): number[][] => {
    const all = parameters();
    let optimizer = create();
    for (let step = 0; step < STEPS; step++) {
      if (interrupted && step === 2) {
        const next = create();
        next.restore(optimizer.state());
        optimizer.dispose();
        optimizer = next;
      }
      const gradients = gradientsAt(step, all);
      optimizer.step(all, gradients, at(step));
      for (const gradient of gradients.values()) gradient.dispose();
    }
    optimizer.restore(optimizer.state());
    optimizer.dispose();
    expect(optimizer.state().size).toBe(0);
    const values = all.map(valuesOf);
    for (const p of all) p.variable.dispose();
    return values;
  };
  expect(run(true)).toEqual(run(false));
  expect(memory().numTensors).toBe(before);
}

/** Kernels of one update of a parameter, once its state is there. */
export async function kernelsOfUpdate(optimizer: Optimizer, role: Role): Promise<number> {
  const p = parameter('w', [2], role);
  const gradients = new Map([['w', tensor([1, 2])]]);
  optimizer.step([p], gradients, at(0));
  const { kernels } = await profile(() => void optimizer.step([p], gradients, at(1)));
  return kernels.filter(({ name }) => name !== 'Identity').length;
}
