import { AugmentError } from './error.ts';

/** A seeded stream of random numbers. */
export interface Rng {
  /** Uniform in [0, 1), in steps of 2⁻³². */
  readonly next: () => number;
  /** Uniform in [low, high). */
  readonly uniform: (low: number, high: number) => number;
  /** A uniform whole number in [0, bound). */
  readonly integer: (bound: number) => number;
}

/** MurmurHash3's 32-bit body step. */
function absorb(hash: number, word: number): number {
  let w = Math.imul(word, 0xcc9e2d51);
  w = Math.imul((w << 15) | (w >>> 17), 0x1b873593);
  const h = hash ^ w;
  return (Math.imul((h << 13) | (h >>> 19), 5) + 0xe6546b64) | 0;
}

/** MurmurHash3's finaliser: every input bit reaches every output bit. */
function finalize(hash: number): number {
  let h = hash ^ (hash >>> 16);
  h = Math.imul(h, 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return h ^ (h >>> 16);
}

/**
 * A generator that depends on the given whole numbers and on nothing else: no hidden state, no call order.
 *
 * The numbers are hashed (three lanes of MurmurHash3, 96 bits) into the state of sfc32, so neighbouring keys give
 * unrelated streams. `rngFor(seed, epoch, index)` and `rngFor(seed, epoch, index, 0)` differ.
 *
 * @throws AugmentError `invalid-key` unless every number is a safe integer.
 * @see sfc32: Doty-Humphrey, PractRand, https://pracrand.sourceforge.net
 */
export function rngFor(...ids: readonly number[]): Rng {
  let a = 0x9e3779b9 | 0;
  let b = 0x243f6a88;
  let c = 0xb7e15162 | 0;
  for (const id of ids) {
    if (!Number.isSafeInteger(id)) {
      throw new AugmentError('invalid-key', `A random stream was asked for ${id}; seeds and indices are whole numbers.`);
    }
    const low = id | 0;
    const high = Math.floor(id / 0x1_0000_0000) | 0;
    a = absorb(absorb(a, low), high);
    b = absorb(absorb(b, low), high);
    c = absorb(absorb(c, low), high);
  }
  a = finalize(a ^ ids.length);
  b = finalize(b ^ ids.length);
  c = finalize(c ^ ids.length);
  let counter = 1;

  const bits = (): number => {
    const sum = (((a + b) | 0) + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = (((c << 21) | (c >>> 11)) + sum) | 0;
    return sum >>> 0;
  };
  for (let i = 0; i < 12; i++) bits();

  const next = (): number => bits() / 0x1_0000_0000;
  return {
    next,
    uniform: (low, high) => low + (high - low) * next(),
    integer: (bound) => Math.floor(bound * next()),
  };
}
