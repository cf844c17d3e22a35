import { DataError } from './error.ts';

/** MurmurHash3's finaliser: every input bit reaches every output bit. */
function mix(word: number): number {
  let h = word | 0;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return h ^ (h >>> 16);
}

/** sfc32 (Chris Doty-Humphrey's PractRand), started from a hash of the given whole numbers: uniform 32-bit words. */
function randomWords(key: readonly number[]): () => number {
  let a = 0x9e3779b9 | 0;
  let b = 0x243f6a88;
  let c = 0xb7e15162 | 0;
  for (const part of key) {
    for (const word of [part | 0, Math.floor(part / 2 ** 32) | 0]) {
      a = mix(a ^ word);
      b = mix((b + a) | 0);
      c = mix(c ^ b);
    }
  }
  let counter = 1;
  const next = (): number => {
    const sum = (((a + b) | 0) + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = ((c << 21) | (c >>> 11)) + sum | 0;
    return sum >>> 0;
  };
  for (let round = 0; round < 12; round++) next();
  return next;
}

/** Throws a `DataError` unless `value` is a whole number of at least `least` that JavaScript holds exactly. */
export function checkWhole(name: string, value: number, least: number): void {
  if (!Number.isSafeInteger(value) || value < least) {
    throw new DataError('bad-option', `${name} is ${value}; give a whole number of at least ${least}.`);
  }
}

/** Throws a `DataError` unless `seed` is a whole number, negative ones included. */
export function checkSeed(seed: number): void {
  if (!Number.isSafeInteger(seed)) {
    throw new DataError('bad-option', `seed is ${seed}; give a whole number such as 0.`);
  }
}

/** Draws whole numbers from 0 to before `choices`, uniformly, the same for the same `key` on every machine. */
export function randomBelow(key: readonly number[]): (choices: number) => number {
  const next = randomWords(key);
  return (choices) => {
    // Words at or above the largest multiple of `choices` would favour small numbers, so they are drawn again.
    const limit = 2 ** 32 - (2 ** 32 % choices);
    let word = next();
    while (word >= limit) word = next();
    return word % choices;
  };
}

/** A uniformly drawn order of 0 … length−1 (Fisher–Yates), the same for the same `key` on every machine. */
export function permutation(length: number, key: readonly number[]): Uint32Array {
  const order = new Uint32Array(length);
  for (let index = 0; index < length; index++) order[index] = index;
  const below = randomBelow(key);
  for (let last = length - 1; last > 0; last--) {
    const other = below(last + 1);
    const kept = order[last]!;
    order[last] = order[other]!;
    order[other] = kept;
  }
  return order;
}
