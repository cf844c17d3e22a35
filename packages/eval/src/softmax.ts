import type { ClassLabels } from './labels.ts';

/**
 * Turns logits `[rows, classes]` in place into the gradient of the mean cross-entropy, (softmax − onehot) / rows, and
 * answers that cross-entropy in nats.
 */
export function softmaxCrossEntropy(logits: Float32Array, labels: ClassLabels, classes: number): number {
  const rows = labels.length;
  let total = 0;
  for (let row = 0; row < rows; row++) {
    const start = row * classes;
    const end = start + classes;
    let most = -Infinity;
    for (let i = start; i < end; i++) most = Math.max(most, logits[i]!);
    let sum = 0;
    const own = logits[start + labels[row]!]!;
    for (let i = start; i < end; i++) {
      const power = Math.exp(logits[i]! - most);
      logits[i] = power;
      sum += power;
    }
    total += Math.log(sum) + most - own;
    for (let i = start; i < end; i++) logits[i] = logits[i]! / (sum * rows);
    logits[start + labels[row]!] = logits[start + labels[row]!]! - 1 / rows;
  }
  return total / rows;
}

/** The column of the largest entry of each row. */
export function argMaxRows(values: Float32Array, columns: number): Int32Array {
  const best = new Int32Array(values.length / columns);
  for (let row = 0; row < best.length; row++) {
    const start = row * columns;
    let at = 0;
    for (let column = 1; column < columns; column++) if (values[start + column]! > values[start + at]!) at = column;
    best[row] = at;
  }
  return best;
}
