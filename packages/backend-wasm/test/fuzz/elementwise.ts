import * as tf from '@tensorflow/tfjs-core';
import type { DataType, Tensor } from '@tensorflow/tfjs-core';
import { operand, shape } from './case.ts';
import type { Family } from './case.ts';
import type { Random } from './random.ts';

type BinaryOp = (a: Tensor, b: Tensor) => Tensor;

const binaryOps: Readonly<Record<string, BinaryOp>> = {
  add: (a, b) => tf.add(a, b), sub: (a, b) => tf.sub(a, b), mul: (a, b) => tf.mul(a, b), div: (a, b) => tf.div(a, b),
  maximum: (a, b) => tf.maximum(a, b), minimum: (a, b) => tf.minimum(a, b), squaredDifference: (a, b) => tf.squaredDifference(a, b),
  equal: (a, b) => tf.equal(a, b), notEqual: (a, b) => tf.notEqual(a, b), greater: (a, b) => tf.greater(a, b),
  greaterEqual: (a, b) => tf.greaterEqual(a, b), less: (a, b) => tf.less(a, b), lessEqual: (a, b) => tf.lessEqual(a, b),
  prelu: (a, b) => tf.prelu(a, b), pow: (a, b) => tf.pow(a, b), mod: (a, b) => tf.mod(a, b), atan2: (a, b) => tf.atan2(a, b),
  floorDiv: (a, b) => tf.floorDiv(a, b),
};

/** Two shapes that broadcast: some sizes are 1 on one side, and leading ones may be missing. */
function pairOfShapes(random: Random): [number[], number[]] {
  const full = shape(random, 0, 6);
  const reduced = (): number[] => {
    const kept = full.map((size) => (random.chance(0.3) ? 1 : size));
    return random.chance(0.3) ? kept.slice(random.int(0, kept.length)) : kept;
  };
  return random.pick([[full, full], [full, reduced()], [reduced(), full], [reduced(), reduced()], [full, []], [full, full.slice(-1)]]);
}

export const binary: Family = (random) => {
  const name = random.pick(Object.keys(binaryOps));
  const [shapeA, shapeB] = pairOfShapes(random);
  const compares = /qual|greater|less/.test(name);
  const dtype: DataType = random.chance(0.8) ? 'float32' : compares && random.chance(0.5) ? 'bool' : 'int32';
  // Integers divide by what is not 0.
  const range = /iv|mod|pow/.test(name) ? { low: 0.6, high: 4 } : {};
  const [a, b] = [operand(random, shapeA, { dtype, special: !/mod|atan|floorDiv/.test(name) }), operand(random, shapeB, { dtype, ...range })];
  return { name: `${name} [${shapeA}] [${shapeB}] ${dtype}`, run: () => binaryOps[name]!(a(), b()) };
};

const unaryOps: Readonly<Record<string, (x: Tensor) => Tensor>> = {
  neg: (x) => tf.neg(x), abs: (x) => tf.abs(x), square: (x) => tf.square(x), sqrt: (x) => tf.sqrt(x), rsqrt: (x) => tf.rsqrt(x),
  reciprocal: (x) => tf.reciprocal(x), exp: (x) => tf.exp(x), log: (x) => tf.log(x), relu: (x) => tf.relu(x), relu6: (x) => tf.relu6(x),
  step: (x) => tf.step(x, 0.25), sigmoid: (x) => tf.sigmoid(x), tanh: (x) => tf.tanh(x), erf: (x) => tf.erf(x), elu: (x) => tf.elu(x),
  softplus: (x) => tf.softplus(x), leakyRelu: (x) => tf.leakyRelu(x, 0.3), clip: (x) => tf.clipByValue(x, -0.7, 0.9),
  ceil: (x) => tf.ceil(x), floor: (x) => tf.floor(x), round: (x) => tf.round(x), sin: (x) => tf.sin(x), log1p: (x) => tf.log1p(tf.abs(x)),
  expm1: (x) => tf.expm1(x), sign: (x) => tf.sign(x), isNaN: (x) => tf.isNaN(x), selu: (x) => tf.selu(x),
};

export const unary: Family = (random) => {
  const name = random.pick(Object.keys(unaryOps));
  const size = shape(random, 0, 3);
  const range = random.pick([{}, { low: -90, high: 90 }, { low: -1e-3, high: 1e-3 }]);
  const integers = /neg|abs|square|relu$|clip|exp$|sqrt$/.test(name) && random.chance(0.1);
  // The clip of tfjs-backend-cpu lets NaN through by the order of its comparisons, and its softplus overflows.
  const x = operand(random, size, { ...range, dtype: integers ? 'int32' : 'float32', special: !/clip|softplus|sin|round|relu6|elu|isNaN/.test(name) });
  return { name: `${name} [${size}]`, run: () => unaryOps[name]!(x()) };
};

export const casts: Family = (random) => {
  const types = ['float32', 'int32', 'bool'] as const;
  const [from, to] = [random.pick(types), random.pick(types)];
  const x = operand(random, shape(random, 0, 3), { dtype: from, low: -9, high: 9 });
  return { name: `cast [${x.shape}] ${from} → ${to}`, run: () => tf.cast(x(), to) };
};

export const select: Family = (random) => {
  const size = shape(random, 1, 4);
  const rows = size.length > 1 && random.chance(0.3);
  const dtype = random.pick(['float32', 'float32', 'int32'] as const);
  const condition = operand(random, rows ? size.slice(0, 1) : size, { dtype: 'bool' });
  const [a, b] = [operand(random, size, { dtype }), operand(random, size, { dtype })];
  // A condition for each row exists in the kernel only; tf.where broadcasts it before.
  const run = rows && size.length > 2 ? () => tf.where(tf.reshape(condition(), [size[0]!, ...size.slice(1).map(() => 1)]), a(), b()) : () => tf.where(rows ? tf.reshape(condition(), [size[0]!, 1]) : condition(), a(), b());
  return { name: `where [${condition.shape}] [${size}] ${dtype}`, run };
};

const logicalOps: Readonly<Record<string, BinaryOp>> = {
  and: (a, b) => tf.logicalAnd(a, b), or: (a, b) => tf.logicalOr(a, b), xor: (a, b) => tf.logicalXor(a, b), not: (a) => tf.logicalNot(a),
};

export const logical: Family = (random) => {
  const name = random.pick(Object.keys(logicalOps));
  const same = shape(random, 0, 3);
  const [shapeA, shapeB] = random.chance(0.7) ? [same, same] : pairOfShapes(random);
  const [a, b] = [operand(random, shapeA, { dtype: 'bool' }), operand(random, shapeB, { dtype: 'bool' })];
  return { name: `logical ${name} [${shapeA}] [${shapeB}]`, run: () => logicalOps[name]!(a(), b()) };
};
