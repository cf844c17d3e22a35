import type { Tensor } from '@tensorflow/tfjs-core';
import { LossError } from './error.ts';

/** @throws LossError `shape-mismatch` unless both are `[batch, dim]` of one shape */
export function checkPair(loss: string, a: Tensor, b: Tensor): void {
  const matches = a.rank === 2 && b.rank === 2 && a.shape[0] === b.shape[0] && a.shape[1] === b.shape[1];
  if (matches && a.size > 0) return;
  throw new LossError(
    'shape-mismatch',
    `${loss} was given [${a.shape.join(', ')}] and [${b.shape.join(', ')}], ` +
      'but it compares two non-empty [batch, dim] tensors of one shape; check the output sizes of the two heads.',
  );
}

/** @throws LossError `invalid-option` unless `value` is finite and at least 0 (above 0 where `positive`) */
export function checkOption(loss: string, name: string, value: number, positive = false): void {
  if (Number.isFinite(value) && (positive ? value > 0 : value >= 0)) return;
  const expected = positive ? 'above 0' : 'of at least 0';
  throw new LossError('invalid-option', `${loss} was given ${name} ${value}, but it must be a finite number ${expected}.`);
}
