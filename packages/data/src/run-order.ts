import type { ImageSource } from './image.ts';
import { permutation } from './random.ts';

/** Keeps these draws apart from other uses of the same seed. */
const RUNS = 0x72756e73;

/**
 * A random order of the images of a source with `runs`: the runs are permuted, and the images of every `together` successive ones
 * are permuted among themselves. So no more than `together` runs are in use at a time (twice as many where one such group gives
 * way to the next), and each image is mixed with all of its group.
 */
export function runOrder({ length, runs }: Pick<ImageSource, 'length' | 'runs'>, key: readonly number[]): Uint32Array {
  const { starts, together } = runs!;
  const order = new Uint32Array(length);
  const sequence = permutation(starts.length, [...key, RUNS]);
  let at = 0;
  for (let group = 0; group < sequence.length; group += together) {
    const from = at;
    for (const run of sequence.subarray(group, group + together)) {
      const end = starts[run + 1] ?? length;
      for (let index = starts[run]!; index < end; index++) order[at++] = index;
    }
    const indices = order.slice(from, at);
    permutation(indices.length, [...key, RUNS, group]).forEach((other, place) => (order[from + place] = indices[other]!));
  }
  return order;
}
