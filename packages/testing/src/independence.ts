import { sgd } from '@selfsup/optim';
import type { ConformanceOptions } from './conformance.ts';
import { changed, evaluate, sameBits, takeStep, valuesOf, withMethod } from './probe.ts';
import type { Build } from './probe.ts';

/** Whether every weight is drawn from the seed, and what one method does leaves another alone. */
export async function checkIndependence<Name extends string>(
  build: Build<Name>,
  options: ConformanceOptions,
): Promise<readonly string[]> {
  return [...(await unseededWeights(build)), ...(await sharedVariables(build, options))];
}

/** Weights of one value, such as zeros, are not drawn at all. */
async function unseededWeights<Name extends string>(build: Build<Name>): Promise<readonly string[]> {
  const weights = (seed: number): ReturnType<typeof valuesOf> =>
    withMethod(build, seed, async (method) => valuesOf([...method.parameters().filter(({ role }) => role === 'weight'), ...method.state()]));
  const [first, second] = [await weights(1), await weights(2)];
  return [...first]
    .filter(([name, values]) => values.some((value) => value !== values[0]) && sameBits(values, second.get(name)))
    .map(([name]) => `Two seeds draw the same values of ${name}; draw it from the seed that is given.`);
}

async function sharedVariables<Name extends string>(build: Build<Name>, options: ConformanceOptions): Promise<readonly string[]> {
  return withMethod(build, 3, async (method) => {
    const all = [...method.parameters(), ...method.state()];
    const before = await valuesOf(all);
    await withMethod(build, 3, async (other) => {
      const optimizer = sgd({ learningRate: 0.01 });
      await takeStep(other, optimizer, options, 0);
      optimizer.dispose();
    });
    const gone = all.filter(({ variable }) => variable.isDisposed).map(({ name }) => name);
    if (gone.length > 0) return [`Disposing one method disposed ${gone.join(', ')} of another; build every variable anew.`];
    const moved = changed(before, await valuesOf(all));
    if (moved.length > 0) return [`A step of one method changed ${moved.join(', ')} of another; build every variable anew.`];
    await evaluate(method, options, 1);
    return [];
  });
}
