/**
 * All eigenvalues of a real symmetric matrix, smallest first, to about 1e-15 of the largest.
 *
 * Householder's reduction to tridiagonal form, then bisection with Sturm counts.
 * @param matrix `[size, size]`, both triangles; not changed
 * @see Golub & Van Loan, "Matrix Computations", 8.3.1 and 8.4.1
 */
export function symmetricEigenvalues(matrix: Float64Array, size: number): Float64Array {
  const { diagonal, beside } = tridiagonal(matrix.slice(), size);
  const squares = beside.map((entry) => entry * entry);
  let bound = 0;
  for (let i = 0; i < size; i++) {
    bound = Math.max(bound, Math.abs(diagonal[i]!) + Math.abs(beside[i]!) + Math.abs(beside[i - 1] ?? 0));
  }
  const values = new Float64Array(size);
  if (bound === 0) return values;
  const tiny = bound * Number.EPSILON;

  const countBelow = (x: number): number => {
    let count = 0;
    let pivot = 1;
    for (let i = 0; i < size; i++) {
      pivot = diagonal[i]! - x - (i > 0 ? squares[i - 1]! / pivot : 0);
      if (Math.abs(pivot) < tiny * Number.EPSILON) pivot = -tiny * Number.EPSILON;
      if (pivot < 0) count++;
    }
    return count;
  };
  // Intervals that hold eigenvalues `from` up to `to`, halved until they are as narrow as the arithmetic allows.
  const open = [{ low: -bound, high: bound, from: 0, to: size }];
  for (let part = open.pop(); part !== undefined; part = open.pop()) {
    const { low, high, from, to } = part;
    const middle = (low + high) / 2;
    if (high - low <= tiny || middle === low || middle === high) {
      values.fill(middle, from, to);
      continue;
    }
    const split = Math.min(to, Math.max(from, countBelow(middle)));
    if (split > from) open.push({ low, high: middle, from, to: split });
    if (split < to) open.push({ low: middle, high, from: split, to });
  }
  return values;
}

interface Tridiagonal {
  readonly diagonal: Float64Array;
  /** `beside[i]` joins i and i + 1; the last entry is 0. */
  readonly beside: Float64Array;
}

/** Reflects one column after the other onto its first entry below the diagonal. Destroys `a`. */
function tridiagonal(a: Float64Array, size: number): Tridiagonal {
  const diagonal = new Float64Array(size);
  const beside = new Float64Array(size);
  const v = new Float64Array(size);
  const w = new Float64Array(size);
  for (let k = 0; k < size; k++) {
    diagonal[k] = a[k * size + k]!;
    if (k === size - 1) break;
    let squares = 0;
    for (let i = k + 1; i < size; i++) squares += a[k * size + i]! ** 2;
    const first = a[k * size + k + 1]!;
    const reflected = first > 0 ? -Math.sqrt(squares) : Math.sqrt(squares);
    beside[k] = reflected;
    const norm = Math.sqrt(squares - first * first + (first - reflected) ** 2);
    if (norm === 0) continue;
    for (let i = k + 1; i < size; i++) v[i] = a[k * size + i]! / norm;
    v[k + 1] = (first - reflected) / norm;
    // (I − 2vvᵀ) A (I − 2vvᵀ) = A − vwᵀ − wvᵀ with w = 2(Av − (vᵀAv)v)
    let inner = 0;
    for (let i = k + 1; i < size; i++) {
      let sum = 0;
      for (let j = k + 1; j < size; j++) sum += a[i * size + j]! * v[j]!;
      w[i] = 2 * sum;
      inner += v[i]! * sum;
    }
    for (let i = k + 1; i < size; i++) w[i] = w[i]! - 2 * inner * v[i]!;
    for (let i = k + 1; i < size; i++) {
      const vi = v[i]!;
      const wi = w[i]!;
      for (let j = k + 1; j < size; j++) a[i * size + j] = a[i * size + j]! - vi * w[j]! - wi * v[j]!;
    }
  }
  return { diagonal, beside };
}
