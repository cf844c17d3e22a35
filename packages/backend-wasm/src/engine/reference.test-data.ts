import type { ConvShape } from './conv.ts';

// Float64 sums by definition, which the kernels are compared with.

/** Numbers in [-1, 1) that a seed determines. */
export function numbers(count: number, seed: number): Float32Array {
  let state = seed >>> 0 || 1;
  return Float32Array.from({ length: count }, () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return (state >>> 8) / 2 ** 23 - 1;
  });
}

export interface MatMulCase {
  readonly batch: number;
  readonly m: number;
  readonly k: number;
  readonly n: number;
  readonly transposeA: boolean;
  readonly transposeB: boolean;
}

export function matMulReference(a: Float32Array, b: Float32Array, s: MatMulCase): Float64Array {
  const out = new Float64Array(s.batch * s.m * s.n);
  for (let z = 0; z < s.batch; z++) {
    for (let i = 0; i < s.m; i++) {
      for (let p = 0; p < s.k; p++) {
        const x = a[z * s.m * s.k + (s.transposeA ? p * s.m + i : i * s.k + p)]!;
        for (let j = 0; j < s.n; j++) {
          out[(z * s.m + i) * s.n + j]! += x * b[z * s.k * s.n + (s.transposeB ? j * s.k + p : p * s.n + j)]!;
        }
      }
    }
  }
  return out;
}

/** Calls `visit` with the flat indices (of x, w, y) of every product in a convolution, channels aside. */
function eachTap(s: ConvShape, visit: (xPixel: number, tap: number, yPixel: number) => void): void {
  for (let n = 0; n < s.batchSize; n++) {
    for (let i = 0; i < s.outHeight; i++) {
      for (let j = 0; j < s.outWidth; j++) {
        for (let p = 0; p < s.filterHeight; p++) {
          for (let q = 0; q < s.filterWidth; q++) {
            const h = i * s.strideHeight + p * s.dilationHeight - s.padTop;
            const w = j * s.strideWidth + q * s.dilationWidth - s.padLeft;
            if (h < 0 || w < 0 || h >= s.inHeight || w >= s.inWidth) continue;
            visit((n * s.inHeight + h) * s.inWidth + w, p * s.filterWidth + q, (n * s.outHeight + i) * s.outWidth + j);
          }
        }
      }
    }
  }
}

export interface ConvReference {
  readonly y: Float64Array;
  readonly dx: Float64Array;
  readonly dw: Float64Array;
}

/** The convolution of x with w, and the gradients for dy. */
export function convReference(x: Float32Array, w: Float32Array, dy: Float32Array, s: ConvShape): ConvReference {
  const [c, k] = [s.inChannels, s.outChannels];
  const y = new Float64Array(dy.length);
  const dx = new Float64Array(x.length);
  const dw = new Float64Array(w.length);
  eachTap(s, (xPixel, tap, yPixel) => {
    for (let i = 0; i < c; i++) {
      for (let j = 0; j < k; j++) {
        const [xi, wi, yi] = [xPixel * c + i, (tap * c + i) * k + j, yPixel * k + j];
        y[yi]! += x[xi]! * w[wi]!;
        dx[xi]! += dy[yi]! * w[wi]!;
        dw[wi]! += x[xi]! * dy[yi]!;
      }
    }
  });
  return { y, dx, dw };
}

/** Largest difference, as a share of the largest expected value. */
export function relativeError(actual: Float32Array, expected: Float64Array): number {
  let scale = 1e-30;
  let worst = 0;
  for (let i = 0; i < expected.length; i++) {
    const difference = Math.abs(actual[i]! - expected[i]!);
    if (!(difference <= worst)) worst = difference; // also catches NaN
    scale = Math.max(scale, Math.abs(expected[i]!));
  }
  return worst / scale;
}

/** The root mean square of the errors, relative to that of the expected values. */
export function meanError(actual: Float32Array, expected: Float64Array): number {
  let errors = 0;
  let values = 0;
  for (let i = 0; i < expected.length; i++) {
    errors += (actual[i]! - expected[i]!) ** 2;
    values += expected[i]! ** 2;
  }
  return Math.sqrt(errors / values);
}
