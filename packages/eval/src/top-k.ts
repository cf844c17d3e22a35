/**
 * The `k` largest of `values`, largest first; among equals the lower index comes first.
 *
 * Writes the indices to `indices[0…k)` and their values to `top[0…k)`. One entry, `skip`, can be left out.
 */
export function topK(values: Float32Array, k: number, indices: Int32Array, top: Float32Array, skip: number = -1): void {
  let size = 0;
  // A heap whose root is the one to give up next.
  for (let index = 0; index < values.length; index++) {
    const value = values[index]!;
    if ((size === k && value <= top[0]!) || index === skip) continue;
    if (size < k) rise(indices, top, size++, index, value);
    else sink(indices, top, k, index, value);
  }
  while (size > 1) {
    const [index, value] = [indices[--size]!, top[size]!];
    indices[size] = indices[0]!;
    top[size] = top[0]!;
    sink(indices, top, size, index, value);
  }
}

/** Puts an entry into the hole at `place`, or where a better one moves there from. */
function rise(indices: Int32Array, top: Float32Array, place: number, index: number, value: number): void {
  while (place > 0) {
    const parent = (place - 1) >> 1;
    // The new entry has the highest index: among equals it is the one to give up.
    if (top[parent]! < value) break;
    top[place] = top[parent]!;
    indices[place] = indices[parent]!;
    place = parent;
  }
  top[place] = value;
  indices[place] = index;
}

/** Puts an entry into the hole at the root of a heap of `size`, or where a worse one moves up from. */
function sink(indices: Int32Array, top: Float32Array, size: number, index: number, value: number): void {
  const isWorse = (place: number, otherValue: number, otherIndex: number): boolean =>
    top[place]! < otherValue || (top[place] === otherValue && indices[place]! > otherIndex);
  let place = 0;
  for (let child = 1; child < size; child = 2 * place + 1) {
    if (child + 1 < size && isWorse(child + 1, top[child]!, indices[child]!)) child++;
    if (!isWorse(child, value, index)) break;
    top[place] = top[child]!;
    indices[place] = indices[child]!;
    place = child;
  }
  top[place] = value;
  indices[place] = index;
}
