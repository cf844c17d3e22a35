import { randomUniform } from '@tensorflow/tfjs-core';
import type { Tensor4D } from '@tensorflow/tfjs-core';
import type { Views } from '@selfsup/train';

/** A batch of seeded noise in [−1, 1) under each of the given view names. The caller disposes it. */
export function noiseViews<Name extends string>(
  names: readonly Name[],
  shape: readonly [batch: number, height: number, width: number, channels: number],
  seed: number,
): Views<Name> {
  const entries = names.map((name, i): [Name, Tensor4D] => [name, randomUniform([...shape], -1, 1, 'float32', seed * 97 + i + 1)]);
  return Object.fromEntries(entries) as Record<Name, Tensor4D>;
}
