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

/**
 * Reflects one row after the other onto its first entry beside the diagonal. Of `a`, which is destroyed, the upper triangle is read: once for
 * each row, when what the last reflection changes is subtracted and the product for the next one is summed up.
 */
function tridiagonal(a: Float64Array, size: number): Tridiagonal {
  const diagonal = new Float64Array(size);
  const beside = new Float64Array(size);
  // (I − 2vvᵀ) A (I − 2vvᵀ) = A − vwᵀ − wvᵀ with w = 2(Av − (vᵀAv)v), not subtracted yet
  let v = new Float64Array(size);
  let w = new Float64Array(size);
  let next = new Float64Array(size);
  let product = new Float64Array(size);
  for (let k = 0; k < size; k++) {
    for (let j = k; j < size; j++) a[k * size + j] = a[k * size + j]! - v[k]! * w[j]! - w[k]! * v[j]!;
    diagonal[k] = a[k * size + k]!;
    if (k === size - 1) break;
    beside[k] = reflection(a.subarray(k * size, (k + 1) * size), k + 1, next);
    product.fill(0);
    for (let i = k + 1; i < size; i++) {
      const [vi, wi, nextI] = [v[i]!, w[i]!, next[i]!];
      let sum = 0;
      for (let j = i + 1; j < size; j++) {
        const entry = a[i * size + j]! - vi * w[j]! - wi * v[j]!;
        a[i * size + j] = entry;
        sum += entry * next[j]!;
        product[j] = product[j]! + entry * nextI;
      }
      const entry = a[i * size + i]! - 2 * vi * wi;
      a[i * size + i] = entry;
      product[i] = product[i]! + sum + entry * nextI;
    }
    let inner = 0;
    for (let i = k + 1; i < size; i++) inner += next[i]! * product[i]!;
    for (let i = k + 1; i < size; i++) product[i] = 2 * (product[i]! - inner * next[i]!);
    [v, w, next, product] = [next, product, v, w];
  }
  return { diagonal, beside };
}

/** Writes the unit vector v for which I − 2vvᵀ brings all of a row from `first` on onto that entry, and answers what it is then. */
function reflection(row: Float64Array, first: number, v: Float64Array): number {
  let squares = 0;
  for (let i = first; i < row.length; i++) squares += row[i]! ** 2;
  const head = row[first]!;
  const reflected = head > 0 ? -Math.sqrt(squares) : Math.sqrt(squares);
  const norm = Math.sqrt(squares - head * head + (head - reflected) ** 2);
  for (let i = first; i < row.length; i++) v[i] = norm === 0 ? 0 : row[i]! / norm;
  if (norm !== 0) v[first] = (head - reflected) / norm;
  return reflected;
}
