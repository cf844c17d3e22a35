/** Values of `shape` in row-major order, with the axes in another order: axis i of the answer is axis `axes[i]` of `data`. */
export function transposed(data: Float32Array, shape: readonly number[], axes: readonly number[]): Float32Array {
  const strides = shape.map((_, axis) => shape.slice(axis + 1).reduce((a, b) => a * b, 1));
  const [sizes, steps] = [axes.map((axis) => shape[axis]!), axes.map((axis) => strides[axis]!)];
  const out = new Float32Array(data.length);
  let at = 0;
  const fill = (axis: number, from: number): void => {
    const [size, step] = [sizes[axis]!, steps[axis]!];
    if (axis === sizes.length - 1) for (let i = 0; i < size; i++) out[at++] = data[from + i * step]!;
    else for (let i = 0; i < size; i++) fill(axis + 1, from + i * step);
  };
  fill(0, 0);
  return out;
}
