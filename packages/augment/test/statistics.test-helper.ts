/** Kolmogorov–Smirnov distance between values and the uniform distribution on [low, high]. */
export function distanceToUniform(values: readonly number[], low: number, high: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted.reduce((worst, value, i) => {
    const expected = (value - low) / (high - low);
    return Math.max(worst, Math.abs(expected - i / sorted.length), Math.abs(expected - (i + 1) / sorted.length));
  }, 0);
}

/** The distance that n uniform values exceed once in 10,000 times. */
export const critical = (n: number): number => Math.sqrt(-Math.log(5e-5) / 2 / n);

/** Four standard errors of a share near p. */
export const tolerance = (p: number, n: number): number => 4 * Math.sqrt((p * (1 - p)) / n);
