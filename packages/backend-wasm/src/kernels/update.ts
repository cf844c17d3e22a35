import { util } from '@tensorflow/tfjs-core';
import type { TensorInfo } from '@tensorflow/tfjs-core';
import type { WasmBackend } from '../backend.ts';
import { withScratch } from '../engine/blocks.ts';
import { f32 } from '../engine/engine.ts';
import { K } from '../engine/kernel-ids.ts';
import { addInto } from './binary.ts';
import { areFloats, native, successor } from './native.ts';
import type { NativeKernel } from './native.ts';
import { split } from './strides.ts';

// One kernel for all parameters of a network: what `@selfsup/optim`, `/targets` and `/train` run by name. Names, inputs,
// attributes and outputs are a contract. Inputs are numbered: `w0`, `g0`, `w1`, …; those said to be given up are answered
// in their own storage, unless another tensor shares it, as a clone does: then in a new one, and the clone stays as it was.

type Numbered = Readonly<Record<string, TensorInfo>>;

/** Elements of one row of a table: enough that reading the row costs nothing, few enough to share the work evenly. */
const rowElements = 16_384;
/** Slots of a row; assembly/update.ts has the same. */
const rowSlots = 12;

/** One tensor's part of an update: the addresses of arrays that are as long as it, then settings of its own. */
interface Item {
  readonly elements: number;
  readonly addresses: readonly number[];
  readonly settings: readonly number[];
}

interface Table {
  readonly rows: number;
  readonly words: Int32Array;
}

/** Rows of stretches of the items, as assembly/update.ts reads them: addresses, elements, settings. */
function tableOf(items: readonly Item[]): Table {
  const rows = items.reduce((sum, { elements }) => sum + Math.ceil(elements / rowElements), 0);
  const words = new Int32Array(rows * rowSlots);
  let at = 0;
  for (const { elements, addresses, settings } of items) {
    for (let start = 0; start < elements; start += rowElements) {
      // An absent array stays at 0.
      words.set(addresses.map((address) => (address === 0 ? 0 : address + 4 * start)), at);
      words[at + addresses.length] = Math.min(rowElements, elements - start);
      words.set(settings, at + addresses.length + 1);
      at += rowSlots;
    }
  }
  return { rows, words };
}

function runTable({ engine }: WasmBackend, kernel: number, items: readonly Item[], args: readonly number[] = []): void {
  const { rows, words } = tableOf(items);
  withScratch(engine, words.byteLength, (table) => {
    engine.write(words, table);
    engine.run(kernel, [table, rows, ...args], split(rows * rowElements));
  });
}

/** Σw² and Σ(g + wd·w)² of each item, whose addresses are w and g and whose setting is wd; the same for any number of threads. */
function normsOf({ engine }: WasmBackend, items: readonly Item[]): { readonly weights: number; readonly slopes: number }[] {
  const { rows, words } = tableOf(items);
  const sums = new Float64Array(2 * rows);
  withScratch(engine, words.byteLength + sums.byteLength, (address) => {
    engine.write(words, address + sums.byteLength);
    engine.run(K.rowNorms, [address + sums.byteLength, rows, address], split(rows * rowElements));
    sums.set(new Float64Array(engine.f32.buffer, address, 2 * rows));
  });
  let row = 0;
  return items.map(({ elements }) => {
    let [weights, slopes] = [0, 0];
    for (let start = 0; start < elements; start += rowElements, row++) {
      weights += sums[2 * row]!;
      slopes += sums[2 * row + 1]!;
    }
    return { weights, slopes };
  });
}

const sizeOf = ({ shape }: TensorInfo): number => util.sizeFromShape(shape);
const addressesOf = (backend: WasmBackend, tensors: readonly (TensorInfo | undefined)[]): number[] =>
  tensors.map((tensor) => (tensor === undefined ? 0 : backend.address(tensor)));

/** `w0`, `w1`, … */
function numbered(inputs: Numbered, letter: string): TensorInfo[] {
  const found: TensorInfo[] = [];
  for (let tensor = inputs[`${letter}0`]; tensor !== undefined; tensor = inputs[`${letter}${found.length}`]) found.push(tensor);
  return found;
}

interface MomentumAttrs {
  readonly learningRates: readonly number[];
  readonly weightDecays: readonly number[];
  readonly momentum: number;
}

/** Answers the new w, then the new v where there is a momentum. */
function momentumUpdate(backend: WasmBackend, inputs: Numbered, attrs: MomentumAttrs, nesterov: boolean, trusts: readonly number[]): TensorInfo[] {
  const ws = numbered(inputs, 'w');
  const newWs = ws.map((w) => successor(backend, w));
  const newVs = attrs.momentum === 0 ? [] : ws.map((w, i) => (inputs[`v${i}`] ? successor(backend, inputs[`v${i}`]!) : backend.makeTensorInfo(w.shape, 'float32')));
  const items = ws.map((w, i) => ({
    elements: sizeOf(w),
    addresses: addressesOf(backend, [w, inputs[`g${i}`], attrs.momentum === 0 ? undefined : inputs[`v${i}`], newWs[i], newVs[i]]),
    settings: [f32(attrs.learningRates[i]!), f32(attrs.weightDecays[i]!), f32(trusts[i] ?? 1)],
  }));
  runTable(backend, K.momentumUpdate, items, [f32(attrs.momentum), Number(nesterov)]);
  return [...newWs, ...newVs];
}

const sgd = native<Numbered, MomentumAttrs & { readonly nesterov: boolean }>('SelfsupSgdUpdate', (backend, inputs, attrs) =>
  areFloats(...Object.values(inputs)) ? momentumUpdate(backend, inputs, attrs, attrs.nesterov, []) : undefined);

const lars = native<Numbered, MomentumAttrs & { readonly adapt: readonly boolean[]; readonly trust: number }>(
  'SelfsupLarsUpdate',
  (backend, inputs, attrs) => {
    if (!areFloats(...Object.values(inputs))) return undefined;
    const ws = numbered(inputs, 'w');
    const adapted = [...ws.keys()].filter((i) => attrs.adapt[i]);
    const norms = normsOf(backend, adapted.map((i) => ({
      elements: sizeOf(ws[i]!), addresses: addressesOf(backend, [ws[i], inputs[`g${i}`]]), settings: [f32(attrs.weightDecays[i]!)],
    })));
    const trusts = ws.map(() => 1);
    for (const [place, { weights, slopes }] of norms.entries()) {
      if (weights > 0 && slopes > 0) trusts[adapted[place]!] = attrs.trust * Math.sqrt(weights / slopes);
    }
    return momentumUpdate(backend, inputs, attrs, false, trusts);
  },
);

interface AdamAttrs {
  readonly learningRates: readonly number[];
  readonly weightDecays: readonly number[];
  readonly beta1: number;
  readonly beta2: number;
  readonly epsilon: number;
}

/** The mean of ones: β·c + (1 − β) of a scalar that may not be there yet, and its value. */
function correction(backend: WasmBackend, previous: TensorInfo | undefined, beta: number): TensorInfo {
  const old = previous === undefined ? 0 : backend.engine.f32[backend.address(previous) / 4]!;
  const next = previous === undefined ? backend.makeTensorInfo([], 'float32') : successor(backend, previous);
  const address = backend.address(next);
  backend.engine.f32[address / 4] = Math.fround(Math.fround(old * Math.fround(beta)) + Math.fround(1 - beta));
  return next;
}

/** `m`, `v` and their corrections `a` and `b` may be absent, all together; answers the new w, m, v, a, b. */
const adam = native<Numbered, AdamAttrs>('SelfsupAdamWUpdate', (backend, inputs, attrs) => {
  if (!areFloats(...Object.values(inputs))) return undefined;
  const { learningRates, weightDecays, beta1, beta2, epsilon } = attrs;
  const ws = numbered(inputs, 'w');
  const next = (letter: string): TensorInfo[] =>
    ws.map((w, i) => (inputs[`${letter}${i}`] ? successor(backend, inputs[`${letter}${i}`]!) : backend.makeTensorInfo(w.shape, 'float32')));
  const [newWs, newMs, newVs] = [ws.map((w) => successor(backend, w)), next('m'), next('v')];
  const as = ws.map((_, i) => correction(backend, inputs[`a${i}`], beta1));
  const bs = ws.map((_, i) => correction(backend, inputs[`b${i}`], beta2));
  const items = ws.map((w, i) => ({
    elements: sizeOf(w),
    addresses: addressesOf(backend, [w, inputs[`g${i}`], inputs[`m${i}`], inputs[`v${i}`], newWs[i], newMs[i], newVs[i]]),
    settings: [
      f32(learningRates[i]!), f32(1 - learningRates[i]! * weightDecays[i]!),
      backend.engine.i32[backend.address(as[i]!) / 4]!, backend.engine.i32[backend.address(bs[i]!) / 4]!,
    ],
  }));
  runTable(backend, K.adamUpdate, items, [f32(beta1), f32(1 - beta1), f32(beta2), f32(1 - beta2), f32(epsilon)]);
  return [...newWs, ...newMs, ...newVs, ...as, ...bs];
});

/** ξ ← ξ + (1 − τ)(θ − ξ) of targets `t` (given up) and online parameters `o`. */
const ema = native<Numbered, { readonly momentum: number }>('SelfsupEmaUpdate', (backend, inputs, { momentum }) => {
  if (!areFloats(...Object.values(inputs))) return undefined;
  const targets = numbered(inputs, 't');
  const next = targets.map((target) => successor(backend, target));
  const items = targets.map((target, i) => ({
    elements: sizeOf(target), addresses: addressesOf(backend, [target, inputs[`o${i}`], next[i]]), settings: [],
  }));
  runTable(backend, K.averageUpdate, items, [f32(1 - momentum)]);
  return next;
});

/** Gradients `g` scaled together to a norm of at most `maxNorm`; shorter ones are answered as they are. */
const clip = native<Numbered, { readonly maxNorm: number }>('SelfsupClipByGlobalNorm', (backend, inputs, { maxNorm }) => {
  const gradients = numbered(inputs, 'g');
  if (!areFloats(...gradients)) return undefined;
  const items = gradients.map((g) => ({ elements: sizeOf(g), addresses: addressesOf(backend, [g, g]), settings: [0] }));
  const norm = Math.sqrt(normsOf(backend, items).reduce((sum, { weights }) => sum + weights, 0));
  if (norm <= maxNorm) return gradients.map((g) => backend.alias(g, g.shape));
  const clipped = gradients.map((g) => backend.makeTensorInfo(g.shape, 'float32'));
  const scaled = gradients.map((g, i) => ({ elements: sizeOf(g), addresses: addressesOf(backend, [g, clipped[i]]), settings: [] }));
  runTable(backend, K.scaleRows, scaled, [f32(maxNorm / norm)]);
  return clipped;
});

/** `sum` (given up) + x, of one shape. */
const accumulate = native<{ readonly sum: TensorInfo; readonly x: TensorInfo }>('SelfsupAccumulate', (backend, { sum, x }) => {
  if (!areFloats(sum, x)) return undefined;
  const next = successor(backend, sum);
  addInto(backend, sum, x, next);
  return next;
});

export const updateKernels: readonly NativeKernel[] = [sgd, lars, adam, ema, clip, accumulate];
