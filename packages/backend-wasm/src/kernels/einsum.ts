import { util } from '@tensorflow/tfjs-core';
import type { TensorInfo } from '@tensorflow/tfjs-core';
import type { WasmBackend } from '../backend.ts';
import { K } from '../engine/kernel-ids.ts';
import { runMatMul } from './contraction.ts';
import { areFloats, native } from './native.ts';
import type { NativeKernel } from './native.ts';
import { runReduce } from './reduce.ts';
import { transpose } from './shape.ts';

/** A tensor and the letter of each of its dimensions. */
interface Term {
  readonly tensor: TensorInfo;
  readonly letters: readonly string[];
}

/** The term with its dimensions in the given order, and without those that are not named, which are summed over. */
function arrange(backend: WasmBackend, { tensor, letters }: Term, order: readonly string[]): TensorInfo {
  const summed = letters.map((_, d) => d).filter((d) => !order.includes(letters[d]!));
  const left = letters.filter((letter) => order.includes(letter));
  const reduced = summed.length > 0 ? runReduce(backend, K.reduceSum, tensor, { axis: summed, keepDims: false })! : backend.alias(tensor, tensor.shape);
  if (order.every((letter, d) => letter === left[d])) return reduced;
  const result = transpose(backend, reduced, order.map((letter) => left.indexOf(letter)))!;
  backend.disposeIntermediateTensorInfo(reduced);
  return result;
}

/** Two terms as one batched matrix product: letters of both and the output are the batch, letters of both alone are summed over. */
function contract(backend: WasmBackend, a: Term, b: Term, out: readonly string[]): TensorInfo {
  const shared = a.letters.filter((letter) => b.letters.includes(letter));
  const batch = shared.filter((letter) => out.includes(letter));
  const depth = shared.filter((letter) => !out.includes(letter));
  const [rows, columns] = [a, b].map(({ letters }) => letters.filter((letter) => out.includes(letter) && !shared.includes(letter))) as [string[], string[]];
  const sizes = new Map([a, b].flatMap(({ tensor, letters }) => letters.map((letter, d) => [letter, tensor.shape[d]!] as const)));
  const shapeOf = (letters: readonly string[]): number[] => letters.map((letter) => sizes.get(letter)!);
  const count = (letters: readonly string[]): number => util.sizeFromShape(shapeOf(letters));

  const left = arrange(backend, a, [...batch, ...rows, ...depth]);
  const right = arrange(backend, b, [...batch, ...depth, ...columns]);
  const [matrix, other] = [{ ...left, shape: [count(batch), count(rows), count(depth)] }, { ...right, shape: [count(batch), count(depth), count(columns)] }];
  const product = runMatMul(backend, matrix, other, { transposeA: false, transposeB: false })!;
  const letters = [...batch, ...rows, ...columns];
  const result = arrange(backend, { tensor: { ...product, shape: shapeOf(letters) }, letters }, out);
  for (const tensor of [left, right, product]) backend.disposeIntermediateTensorInfo(tensor);
  return result;
}

/** Einsum of one or two terms, as matrix products; other equations run on tfjs-backend-cpu. */
const einsum = native<readonly TensorInfo[], { readonly equation: string }>('Einsum', (backend, tensors, { equation }) => {
  const [given, result, ...more] = equation.replaceAll(' ', '').split('->') as [string, string | undefined];
  const terms = given.split(',').map((letters, i): Term => ({ tensor: tensors[i]!, letters: [...letters] }));
  const [a, b] = terms as [Term, Term | undefined];
  const plain = terms.every(
    ({ tensor, letters }) => tensor !== undefined && new Set(letters).size === letters.length && letters.length === tensor.shape.length && util.sizeFromShape(tensor.shape) > 0,
  );
  if (!plain || result === undefined || more.length > 0 || terms.length > 2 || tensors.length !== terms.length || !areFloats(...tensors)) return undefined;
  const sizes = new Map<string, number>();
  for (const { tensor, letters } of terms) {
    for (const [d, letter] of letters.entries()) {
      if ((sizes.get(letter) ?? tensor.shape[d]) !== tensor.shape[d]) return undefined;
      sizes.set(letter, tensor.shape[d]!);
    }
  }
  const out = [...result];
  if (new Set(out).size !== out.length || !out.every((letter) => sizes.has(letter))) return undefined;
  return b === undefined ? arrange(backend, a, out) : contract(backend, a, b, out);
});

export const einsumKernels: readonly NativeKernel[] = [einsum];
