import { dispose, memory, zeros } from '@tensorflow/tfjs-core';
import { sgd } from '@selfsup/optim';
import { captureCheckpoint, restoreCheckpoint } from '@selfsup/train';
import type { Views } from '@selfsup/train';
import type { ConformanceOptions } from './conformance.ts';
import { declarationViolations } from './declaration.ts';
import { watchMemory } from './leaks.ts';
import { noiseViews } from './noise-views.ts';
import { changed, evaluate, evaluateOn, nextLosses, sameBits, stepInfo, takeStep, valuesOf, viewShape, withMethod } from './probe.ts';
import type { Build, Evaluation } from './probe.ts';
import { reachedState } from './reached-state.ts';

export async function checkDeclaration<Name extends string>(build: Build<Name>): Promise<readonly string[]> {
  return withMethod(build, 1, async (method) => declarationViolations(method));
}

export async function checkLoss<Name extends string>(build: Build<Name>, options: ConformanceOptions): Promise<readonly string[]> {
  return withMethod(build, 1, async (method) => {
    const found: string[] = [];
    const { batchSize = 8 } = options;
    const blank = Object.fromEntries(method.views.map((name) => [name, zeros([...viewShape(options)])])) as unknown as Views<Name>;
    const evaluations: [string, Evaluation][] = [
      [`a batch of ${batchSize}`, await evaluate(method, options, 1)],
      [`a batch of ${batchSize + 3}`, await evaluate(method, options, 1, batchSize + 3)],
      ['blank images', await evaluateOn(method, blank)],
    ];
    for (const [batch, { loss, metrics, gradients }] of evaluations) {
      for (const [name, values] of Object.entries({ loss, ...metrics })) {
        if (values.length !== 1 || !Number.isFinite(values[0])) {
          found.push(`With ${batch}, ${name} is [${values.slice(0, 3)}] instead of one finite number.`);
        }
      }
      const bad = [...gradients].find(([, values]) => !values.every(Number.isFinite));
      if (bad) found.push(`With ${batch}, the gradient of ${bad[0]} is not finite; does a division lack its epsilon?`);
      for (const name of reservedMetrics) {
        if (name in metrics) found.push(`The metric ${name} has the name of one that the loop reports itself; give it another.`);
      }
    }
    return [...new Set(found)];
  });
}

/** What the loop reports by itself. */
const reservedMetrics: readonly string[] = ['loss', 'learningRate'];

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
    // After two steps, since what a weight of zero multiplies has no gradient at first.
    const optimizer = sgd({ learningRate: 0.01 });
    for (let i = 0; i < 2; i++) await takeStep(method, optimizer, options, i);
    optimizer.dispose();
    const { gradients } = await evaluate(method, options, 1);
    const exempt = new Set(options.withoutGradient);
    const found = method
      .parameters()
      .filter(({ name }) => !gradients.has(name) && !exempt.has(name))
      .map(({ name }) => `The loss does not reach the parameter ${name}; leave it out or list it in withoutGradient.`);
    for (const { name, role } of method.parameters()) {
      if (role === 'weight' && gradients.get(name)?.every((value) => value === 0)) {
        found.push(`The gradient of the parameter ${name} is zero everywhere, so that it never learns.`);
      }
    }
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
    const start = await valuesOf(method.parameters());
    await takeStep(method, optimizer, options, 0, false);
    const updated = await valuesOf(method.parameters());
    if (changed(start, updated).length === 0) found.push('An optimizer step changed no parameter.');
    const numbers = method.afterStep?.(stepInfo(0, options.batchSize ?? 8)) ?? {};
    for (const [name, value] of Object.entries(numbers)) {
      if (!Number.isFinite(value) || reservedMetrics.includes(name)) {
        found.push(`afterStep answers ${name} = ${value}; it may answer finite numbers under names other than ${reservedMetrics.join(' and ')}.`);
      }
    }
    for (const name of changed(updated, await valuesOf(method.parameters()))) {
      found.push(`afterStep changed the parameter ${name}, which is the optimizer's.`);
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

