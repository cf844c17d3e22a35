import type { Features } from './features.ts';

/**
 * Each row's coordinates along the two directions of largest variance, `[rows, 2]`.
 *
 * Orthogonal iteration from fixed directions: a few digits are exact, which is enough to lay a map out.
 */
export function principalPlane({ data, rows, dim }: Features): Float64Array {
  const mean = new Float64Array(dim);
  for (let i = 0; i < data.length; i++) mean[i % dim] = mean[i % dim]! + data[i]! / rows;
  const axes = [
    Float64Array.from({ length: dim }, (_, i) => Math.cos(i + 1)),
    Float64Array.from({ length: dim }, (_, i) => Math.sin(2 * i + 1)),
  ];
  const coordinates = new Float64Array(rows * 2);
  const project = (): void => {
    for (let row = 0; row < rows; row++) {
      for (const [a, axis] of axes.entries()) {
        let sum = 0;
        for (let c = 0; c < dim; c++) sum += (data[row * dim + c]! - mean[c]!) * axis[c]!;
        coordinates[row * 2 + a] = sum;
      }
    }
  };
  for (let round = 0; round < 20; round++) {
    orthonormalize(axes);
    project();
    for (const [a, axis] of axes.entries()) {
      axis.fill(0);
      for (let row = 0; row < rows; row++) {
        const weight = coordinates[row * 2 + a]!;
        for (let c = 0; c < dim; c++) axis[c] = axis[c]! + weight * (data[row * dim + c]! - mean[c]!);
      }
    }
  }
  orthonormalize(axes);
  project();
  return coordinates;
}

/** Gram–Schmidt; a direction that vanishes becomes zero. */
function orthonormalize(axes: readonly Float64Array[]): void {
  for (const [a, axis] of axes.entries()) {
    for (const earlier of axes.slice(0, a)) {
      const inner = axis.reduce((sum, entry, c) => sum + entry * earlier[c]!, 0);
      for (let c = 0; c < axis.length; c++) axis[c] = axis[c]! - inner * earlier[c]!;
    }
    const norm = Math.sqrt(axis.reduce((sum, entry) => sum + entry * entry, 0));
    for (let c = 0; c < axis.length; c++) axis[c] = norm > 1e-30 ? axis[c]! / norm : 0;
  }
}
