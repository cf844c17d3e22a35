import { AugmentError } from '../error.ts';
import type { ImageSize } from '../image.ts';
import type { Json } from '../json.ts';
import { paintedOp, paintOp, sizeAfter } from '../op.ts';
import type { AnyOp, Op } from '../op.ts';
import type { Rng } from '../rng.ts';

/** What one of several ops drew: which one, and its parameters. */
export type Choice = { readonly op: number; readonly params: Json };

function channelsOf(ops: readonly AnyOp[]): { readonly needsChannels?: number } {
  const needed = new Set(ops.flatMap((op) => op.needsChannels ?? []));
  if (needed.size > 1) {
    const names = ops.flatMap((op) => (op.needsChannels === undefined ? [] : `${op.name} (${op.needsChannels})`));
    throw new AugmentError('invalid-option', `These ops never fit one image, as they need different channel counts: ${names.join(', ')}.`);
  }
  const [channels] = needed;
  return channels === undefined ? {} : { needsChannels: channels };
}

function describe(ops: readonly AnyOp[]): Json {
  return ops.map(({ name, options }) => ({ name, options }));
}

function choiceAt(ops: readonly AnyOp[], index: number): AnyOp {
  const op = ops[index];
  if (op === undefined) {
    throw new AugmentError('invalid-parameters', `The parameters name op ${index}, but there are only ${ops.length}; replay them with the pipeline that drew them.`);
  }
  return op;
}

/** The shared part: draws in the given order, paints in the drawn order. */
function chosen(name: string, ops: readonly AnyOp[], options: Json, order: (rng: Rng) => readonly number[]): Op<readonly Choice[]> {
  return paintedOp<readonly Choice[]>({
    name,
    options,
    ...channelsOf(ops),
    sample: (rng, size) => {
      let current: ImageSize = size;
      return order(rng).map((index) => {
        const op = choiceAt(ops, index);
        const params = op.sample(rng, current);
        current = sizeAfter(op, current, params);
        return { op: index, params };
      });
    },
    outputSize: (input, choices) =>
      choices.reduce<ImageSize>((size, { op, params }) => sizeAfter(choiceAt(ops, op), size, params), input),
    paint: (canvas, choices) => {
      for (const { op, params } of choices) paintOp(choiceAt(ops, op), canvas, params);
    },
  });
}

/** One op that applies all of `ops` in order. */
export function compose(ops: readonly AnyOp[]): Op<readonly Choice[]> {
  const order = ops.map((_, index) => index);
  return chosen('compose', ops, describe(ops), () => order);
}

/** One op that applies all of `ops` in an order drawn anew every time. */
export function randomOrder(ops: readonly AnyOp[]): Op<readonly Choice[]> {
  return chosen('randomOrder', ops, describe(ops), (rng) => {
    const order = ops.map((_, index) => index);
    for (let last = order.length - 1; last > 0; last--) {
      const other = rng.integer(last + 1);
      [order[last], order[other]] = [order[other]!, order[last]!];
    }
    return order;
  });
}

/**
 * One op that applies one of `ops`, drawn by weight (equal weights by default).
 *
 * @throws AugmentError `invalid-option` when there are no ops or the weights do not fit them.
 */
export function oneOf(ops: readonly AnyOp[], weights: readonly number[] = ops.map(() => 1)): Op<readonly Choice[]> {
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  if (ops.length === 0 || weights.length !== ops.length || weights.some((w) => !(w >= 0)) || !(total > 0 && Number.isFinite(total))) {
    throw new AugmentError('invalid-option', `oneOf was given ${ops.length} ops and the weights [${weights.join(', ')}]; give one weight ≥ 0 per op, not all zero.`);
  }
  return chosen('oneOf', ops, { ops: describe(ops), weights }, (rng) => {
    let left = rng.next() * total;
    const index = weights.findIndex((weight) => (left -= weight) < 0);
    return [index === -1 ? weights.findLastIndex((weight) => weight > 0) : index];
  });
}
