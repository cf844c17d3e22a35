import type { Json } from '../json.ts';
import { paintedOp, paintOp, sizeAfter } from '../op.ts';
import type { AnyOp, Op } from '../op.ts';
import { checkProbability } from '../options.ts';

/**
 * Applies `op` with probability p, and otherwise leaves the image alone.
 *
 * Keeps the op's name and parameters, so logs read the same with and without it.
 * @throws AugmentError `invalid-option`
 */
export function withProbability(probability: number, op: AnyOp): Op {
  checkProbability(probability, `withProbability(${op.name})`);
  return paintedOp<Json>({
    name: op.name,
    options: { probability, op: op.options },
    ...(op.needsChannels !== undefined && { needsChannels: op.needsChannels }),
    sample: (rng, size) => (rng.next() < probability ? op.sample(rng, size) : null),
    outputSize: (input, params) => sizeAfter(op, input, params),
    paint: (canvas, params) => {
      paintOp(op, canvas, params);
    },
  });
}
