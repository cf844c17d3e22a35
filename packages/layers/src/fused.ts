import { engine, getBackend, getKernel } from '@tensorflow/tfjs-core';
import type { Tensor } from '@tensorflow/tfjs-core';

/** Whether the current backend has a fused kernel; see the table in docs/architecture.md. */
export function hasKernel(name: string): boolean {
  return getKernel(name, getBackend()) !== undefined;
}

/** What `valueAndGradients` of `@selfsup/train` says of the slopes that it passes back: nobody reads them again. */
const givenUp = Symbol.for('selfsup.givenUp');

/** Whether a kernel may answer in the storage of this slope; see docs/architecture.md. */
export function isGivenUp(slope: Tensor): boolean {
  return (slope as Tensor & { readonly [givenUp]?: boolean })[givenUp] === true;
}

/** Runs a fused kernel, leaving out the inputs that are not given. */
export function runKernel(
  name: string,
  inputs: Readonly<Record<string, Tensor | undefined>>,
  attributes: Readonly<Record<string, number | boolean>>,
): Tensor[] {
  const given = Object.fromEntries(Object.entries(inputs).filter((entry): entry is [string, Tensor] => entry[1] !== undefined));
  const outputs: Tensor | Tensor[] = engine().runKernel(name, given, { ...attributes });
  return Array.isArray(outputs) ? outputs : [outputs];
}
