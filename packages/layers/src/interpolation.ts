/** PyTorch's cubic convolution kernel, a = −0.75. */
function cubic(distance: number): number {
  const [d, a] = [Math.abs(distance), -0.75];
  if (d <= 1) return ((a + 2) * d - (a + 3)) * d * d + 1;
  return d < 2 ? ((a * d - 5 * a) * d + 8 * a) * d - 4 * a : 0;
}

/**
 * The matrix `[to, from]` of cubic interpolation along one axis, in row-major order: F.interpolate(mode='bicubic', align_corners=False)
 * with a given `scale` = to/from, or slightly more as in DINO. Samples beyond an end repeat the last one.
 */
export function cubicMatrix(from: number, to: number, scale: number): Float32Array {
  const matrix = new Float32Array(to * from);
  for (let row = 0; row < to; row++) {
    const centre = (row + 0.5) / scale - 0.5;
    const first = Math.floor(centre) - 1;
    for (let tap = first; tap < first + 4; tap++) {
      const column = Math.min(from - 1, Math.max(0, tap));
      matrix[row * from + column]! += cubic(centre - tap);
    }
  }
  return matrix;
}
