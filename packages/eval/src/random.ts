import { EvalError } from './error.ts';

/** Uniform numbers in [0, 1), the same for the same seed on every machine (mulberry32, Tommy Ettinger). */
export function uniform(seed: number): () => number {
  if (!Number.isSafeInteger(seed)) {
    throw new EvalError('bad-option', `seed is ${seed}; give a whole number such as 0.`);
  }
  let state = seed | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** 0 … length−1 in a uniformly drawn order (Fisher–Yates). */
export function shuffledIndices(length: number, random: () => number): Int32Array {
  const order = Int32Array.from({ length }, (_, index) => index);
  for (let last = length - 1; last > 0; last--) {
    const other = Math.floor(random() * (last + 1));
    const kept = order[last]!;
    order[last] = order[other]!;
    order[other] = kept;
  }
  return order;
}
