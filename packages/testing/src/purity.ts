import { clone, dispose } from '@tensorflow/tfjs-core';
import type { Tensor4D } from '@tensorflow/tfjs-core';
import { lossAndGradients } from '@selfsup/train';
import type { Views } from '@selfsup/train';
import type { ConformanceOptions } from './conformance.ts';
import { noiseViews } from './noise-views.ts';
import { changed, evaluateOn, firstIndices, sameBits, stepInfo, valuesOf, viewShape, withMethod } from './probe.ts';
import type { Build } from './probe.ts';

/** Whether the loss is a function of all its views, and of nothing that it changes itself. */
export async function checkPurity<Name extends string>(build: Build<Name>, options: ConformanceOptions): Promise<readonly string[]> {
  return [...(await unreadViews(build, options)), ...(await sideEffects(build, options))];
}

/** A view that can be exchanged for other noise without a change of the loss is rendered in vain. */
async function unreadViews<Name extends string>(build: Build<Name>, options: ConformanceOptions): Promise<readonly string[]> {
  const shape = viewShape(options);
  const lossWith = (exchanged?: Name): Promise<readonly number[]> =>
    withMethod(build, 1, async (method) => {
      const views: Record<string, Tensor4D> = { ...noiseViews(method.views, shape, 1) };
      if (exchanged !== undefined) {
        views[exchanged]?.dispose();
        views[exchanged] = noiseViews([exchanged], shape, 2)[exchanged];
      }
      return (await evaluateOn(method, views as Views<Name>)).loss;
    });
  const whole = await lossWith();
  const names = await withMethod(build, 1, async ({ views }) => views);
  const found: string[] = [];
  for (const name of names) {
    if (sameBits(whole, await lossWith(name))) found.push(`The loss does not depend on the view ${name}; read it, or do not declare it.`);
  }
  return found;
}

async function sideEffects<Name extends string>(build: Build<Name>, options: ConformanceOptions): Promise<readonly string[]> {
  return withMethod(build, 1, async (method) => {
    const found: string[] = [];
    const views = noiseViews(method.views, viewShape(options), 1);
    const given = Object.entries<Tensor4D>(views);
    const before = await valuesOf(method.parameters());
    const copies = given.map(([, view]) => clone(view));
    const { loss, metrics, gradients } = lossAndGradients(method, views, stepInfo(0, copies[0]!.shape[0]), firstIndices(copies[0]!.shape[0]));
    for (const name of changed(before, await valuesOf(method.parameters()))) {
      found.push(`The loss changed the parameter ${name}; only the optimizer may.`);
    }
    for (const [name, view] of given) {
      if (view.isDisposed) found.push(`The loss disposed the view ${name}, which is the loop's.`);
    }
    dispose([loss, ...Object.values(metrics), ...gradients.values(), ...copies, ...given.flatMap(([, view]) => (view.isDisposed ? [] : [view]))]);
    return found;
  });
}
