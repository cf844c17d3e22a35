import { dispose, memory } from '@tensorflow/tfjs-core';
import { sgd } from '@selfsup/optim';
import { captureCheckpoint, restoreCheckpoint } from '@selfsup/train';
import type { ConformanceOptions } from './conformance.ts';
import { declarationViolations } from './declaration.ts';
import { watchMemory } from './leaks.ts';
import { noiseViews } from './noise-views.ts';
import { evaluate, nextLosses, parameterValues, sameBits, stepInfo, takeStep, viewShape, withMethod } from './probe.ts';
import type { Build, Evaluation } from './probe.ts';
import { reachedState } from './reached-state.ts';

export async function checkDeclaration<Name extends string>(build: Build<Name>): Promise<readonly string[]> {
  return withMethod(build, 1, async (method) => declarationViolations(method));
}

export async function checkLoss<Name extends string>(build: Build<Name>, options: ConformanceOptions): Promise<readonly string[]> {
  return withMethod(build, 1, async (method) => {
    const found: string[] = [];
    const { batchSize = 8 } = options;
    for (const size of [batchSize, batchSize + 3]) {
      const { loss, metrics } = await evaluate(method, options, 1, size);
      for (const [name, values] of Object.entries({ loss, ...metrics })) {
        if (values.length !== 1 || !Number.isFinite(values[0])) {
          found.push(`With a batch of ${size}, ${name} is [${values.slice(0, 3)}] instead of one finite number.`);
        }
      }
    }
    return found;
  });
}

export async function checkDeterminism<Name extends string>(
  build: Build<Name>,
  options: ConformanceOptions,
): Promise<readonly string[]> {
  const runs: Evaluation[] = [];
  for (let i = 0; i < 2; i++) runs.push(await withMethod(build, 7, (method) => evaluate(method, options, 1)));
  const [first, second] = runs as [Evaluation, Evaluation];
  if (!sameBits(first.loss, second.loss)) return [`Two builds from one seed give the losses ${first.loss} and ${second.loss}.`];
  const differing = [...first.gradients].find(([name, values]) => !sameBits(values, second.gradients.get(name)));
  return differing ? [`Two builds from one seed give different gradients for ${differing[0]}.`] : [];
}

export async function checkReach<Name extends string>(build: Build<Name>, options: ConformanceOptions): Promise<readonly string[]> {
  return withMethod(build, 1, async (method) => {
    const { gradients } = await evaluate(method, options, 1);
    const exempt = new Set(options.withoutGradient);
    const found = method
      .parameters()
      .filter(({ name }) => !gradients.has(name) && !exempt.has(name))
      .map(({ name }) => `The loss does not reach the parameter ${name}; leave it out or list it in withoutGradient.`);
    const views = noiseViews(method.views, viewShape(options), 1);
    const leaking = reachedState(method, views, stepInfo(0, views[method.views[0]!].shape[0]));
    dispose(Object.values(views));
    return [...found, ...leaking.map((name) => `A gradient reaches the state variable ${name}; it must be behind a stop-gradient.`)];
  });
}

export async function checkUpdates<Name extends string>(
  build: Build<Name>,
  options: ConformanceOptions,
): Promise<readonly string[]> {
  return withMethod(build, 1, async (method) => {
    const found: string[] = [];
    const optimizer = sgd({ learningRate: 0.01 });
    const start = await parameterValues(method);
    await takeStep(method, optimizer, options, 0, false);
    const updated = await parameterValues(method);
    if ([...start].every(([name, values]) => sameBits(values, updated.get(name)))) {
      found.push('An optimizer step changed no parameter.');
    }
    method.afterStep?.(stepInfo(0, options.batchSize ?? 8));
    const after = await parameterValues(method);
    for (const [name, values] of updated) {
      if (!sameBits(values, after.get(name))) found.push(`afterStep changed the parameter ${name}, which is the optimizer's.`);
    }
    optimizer.dispose();
    return found;
  });
}

export async function checkMemory<Name extends string>(build: Build<Name>, options: ConformanceOptions): Promise<readonly string[]> {
  return withMethod(build, 1, async (method) => {
    const optimizer = sgd({ learningRate: 0.01 });
    let count = 0;
    const { flat, tensors, bytes } = await watchMemory(() => takeStep(method, optimizer, options, count++));
    optimizer.dispose();
    return flat ? [] : [`Over ${tensors.length} steps live tensors went ${tensors.join(', ')} and bytes ${bytes.join(', ')}.`];
  });
}

export async function checkCheckpoint<Name extends string>(
  build: Build<Name>,
  options: ConformanceOptions,
): Promise<readonly string[]> {
  return withMethod(build, 1, async (method) => {
    const optimizer = sgd({ learningRate: 0.01 });
    for (let i = 0; i < 2; i++) await takeStep(method, optimizer, options, i);
    const checkpoint = await captureCheckpoint(method, optimizer, 2);
    const original = await nextLosses(method, optimizer, options);
    optimizer.dispose();
    const resumed = await withMethod(build, 2, async (twin) => {
      const twinOptimizer = sgd({ learningRate: 0.01 });
      restoreCheckpoint(checkpoint, twin, twinOptimizer);
      const losses = await nextLosses(twin, twinOptimizer, options);
      twinOptimizer.dispose();
      return losses;
    });
    return sameBits(original, resumed)
      ? []
      : [`After restoring a checkpoint the next losses are ${resumed}, but going on gave ${original}; state() misses something.`];
  });
}

export async function checkDispose<Name extends string>(build: Build<Name>, options: ConformanceOptions): Promise<readonly string[]> {
  const before = memory().numTensors;
  await withMethod(build, 1, async (method) => {
    const optimizer = sgd({ learningRate: 0.01 });
    await takeStep(method, optimizer, options, 0);
    optimizer.dispose();
  });
  const left = memory().numTensors - before;
  return left === 0 ? [] : [`dispose left ${left} tensor(s) behind.`];
}

