import type { Method } from '@selfsup/train';
import {
  checkCheckpoint,
  checkDeclaration,
  checkDeterminism,
  checkDispose,
  checkLoss,
  checkMemory,
  checkReach,
  checkUpdates,
} from './checks.ts';
import { checkEncoder } from './encoder-check.ts';
import { ConformanceError } from './error.ts';
import { checkIndependence } from './independence.ts';
import { checkPurity } from './purity.ts';

export interface ConformanceOptions {
  /** `[height, width, channels]` of a view. */
  readonly inputShape: readonly [number, number, number];
  /** Images in a batch; small is enough. */
  readonly batchSize?: number;
  /** Names of parameters that the loss is meant not to reach (a layer that is frozen at first). */
  readonly withoutGradient?: readonly string[];
}

/** What was checked, one sentence each. */
export interface ConformanceReport {
  readonly method: string;
  readonly checks: readonly string[];
}

/**
 * Holds a method to the contract that the training loop relies on.
 *
 * The method is built several times from seeds and trained for a few steps on noise, with whatever backend is set.
 * @param build makes a new, independent method whose initial weights are drawn from the seed
 * @throws ConformanceError with every violation found
 */
export async function methodConformance<Name extends string>(
  build: (seed: number) => Method<Name>,
  options: ConformanceOptions,
): Promise<ConformanceReport> {
  const checks: [string, () => Promise<readonly string[]>][] = [
    ['It declares views, parameters, encoder and state without contradiction.', () => checkDeclaration(build)],
    ['The loss is one finite number, and so are metrics and gradients, on blank images too.', () => checkLoss(build, options)],
    ['The loss reads every view, and changes neither views nor parameters.', () => checkPurity(build, options)],
    ['The same seed gives the same loss and gradients, bit for bit.', () => checkDeterminism(build, options)],
    ['Every weight is drawn from the seed, and two methods share nothing.', () => checkIndependence(build, options)],
    ['Every parameter gets a gradient, and no state variable does.', () => checkReach(build, options)],
    ['A step changes parameters; `afterStep` changes none.', () => checkUpdates(build, options)],
    ['The encoder answers features of each image by itself, and survives being saved.', () => checkEncoder(build, options)],
    ['Memory stays flat over steps.', () => checkMemory(build, options)],
    ['A checkpoint holds everything: a restored twin takes the same next step.', () => checkCheckpoint(build, options)],
    ['`dispose` frees everything that was built.', () => checkDispose(build, options)],
  ];
  const violations: string[] = [];
  for (const [, check] of checks) violations.push(...(await check()));
  const probe = build(0);
  const { name } = probe;
  probe.dispose();
  if (violations.length > 0) throw new ConformanceError(`The method ${name}`, violations);
  return { method: name, checks: checks.map(([sentence]) => sentence) };
}

