/**
 * The `k` largest of `values`, largest first; among equals the lower index comes first.
 *
 * Writes the indices to `indices[0…k)` and their values to `top[0…k)`. One entry, `skip`, can be left out.
 */
export function topK(values: Float32Array, k: number, indices: Int32Array, top: Float32Array, skip: number = -1): void {
  let size = 0;
  for (let index = 0; index < values.length; index++) {
    const value = values[index]!;
    if ((size === k && value <= top[k - 1]!) || index === skip) continue;
    // Insertion is rare once the list is full: a random order of n values causes about k·ln(n/k) of them.
    let place = size < k ? size++ : k - 1;
    while (place > 0 && top[place - 1]! < value) {
      top[place] = top[place - 1]!;
      indices[place] = indices[place - 1]!;
      place--;
    }
    top[place] = value;
    indices[place] = index;
  }
}
