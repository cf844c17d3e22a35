import { add, broadcastTo, cast, div, engine, getBackend, getGradient, mul, neg, registerGradient, reshape, rsqrt, step, util } from '@tensorflow/tfjs-core';
import type { GradConfig, NamedTensorMap, Tensor } from '@tensorflow/tfjs-core';
import { backendName } from './backend.ts';

// TensorFlow.js composes some gradients of many kernels. The map of gradients is one for all backends: those set here do the
// same as the ones they replace, and fewer kernels where this backend is current.

/** Whether this backend computes and the tensors are float32, as its kernels take them. */
const isOurs = (...tensors: readonly Tensor[]): boolean => getBackend() === backendName && tensors.every(({ dtype }) => dtype === 'float32');

const run = (name: string, inputs: NamedTensorMap, attrs: Readonly<Record<string, number>> = {}): Tensor => engine().runKernel(name, inputs, { ...attrs });

type Replacement = (original: GradConfig) => Omit<GradConfig, 'kernelName'>;

/** Keeps the output, which the next layer keeps too, instead of an input that could go. */
const relu: Replacement = () => ({
  outputsToSave: [true],
  gradFunc: (dy, [y]) => {
    const slope = dy as Tensor;
    return { x: () => (isOurs(slope, y!) ? run('SelfsupReluGrad', { dy: slope, y: y! }) : mul(slope, cast(step(y!), 'float32'))) };
  },
});

const relu6: Replacement = ({ gradFunc }) => ({
  inputsToSave: ['x'],
  gradFunc: (dy, saved, attrs) => {
    const [slope, x] = [dy as Tensor, saved[0]!];
    return isOurs(slope, x) ? { x: () => run('SelfsupRelu6Grad', { dy: slope, x }) } : gradFunc(dy, saved, attrs);
  },
});

/** With r = 1/√(variance+ε): dx = γr·dy, and the small inputs' gradients from Σ dy·(x−mean)·r and Σ dy alone. */
const batchNorm: Replacement = ({ gradFunc }) => ({
  inputsToSave: ['x', 'mean', 'variance', 'scale'],
  gradFunc: (dy, saved, attrs) => {
    const slope = dy as Tensor;
    const [x, mean, variance, scale] = saved as [Tensor, Tensor, Tensor, Tensor];
    const perChannel = [mean, variance, scale];
    const channels = x.shape.at(-1)!;
    const fits = x.size > 0 && perChannel.every(({ shape }) => shape.length === 1 && shape[0] === channels);
    if (!fits || !isOurs(slope, x, ...perChannel)) return gradFunc(dy, saved, attrs);
    const epsilon = Number(attrs['varianceEpsilon']);
    const inverse = rsqrt(add(variance, epsilon));
    const factor = mul(inverse, scale);
    // Not when they are first asked for: tfjs frees what one input's gradient made before it asks for the next.
    const [products, sums] = run('SelfsupChannelSums', { dy: slope, x, mean, variance }, { epsilon }) as unknown as [Tensor, Tensor];
    return {
      x: () => mul(slope, factor),
      mean: () => neg(mul(sums, factor)),
      variance: () => mul(mul(products, mul(factor, inverse)), -0.5),
      scale: () => products.clone(),
      offset: () => sums.clone(),
    };
  },
});

/** Repeats the slope where TensorFlow.js multiplies it by a tensor of ones, which it makes and uploads each time. */
const mean: Replacement = ({ gradFunc }) => ({
  inputsToSave: ['x'],
  gradFunc: (dy, saved, attrs) => {
    const [slope, x] = [dy as Tensor, saved[0]!];
    if (x.size === 0 || !isOurs(slope, x)) return gradFunc(dy, saved, attrs);
    const axes = util.parseAxisParam(attrs['axis'] as number | number[], x.shape);
    const kept = x.shape.map((size, axis) => (axes.includes(axis) ? 1 : size));
    return { x: () => broadcastTo(reshape(div(slope, x.size / slope.size), kept), x.shape) };
  },
});

const replacements: Readonly<Record<string, Replacement>> = { Relu: relu, Relu6: relu6, FusedBatchNorm: batchNorm, Mean: mean };

/** The gradients set here. */
const ours = new WeakSet<GradConfig>();

/** Replaces those of TensorFlow.js' gradients that are registered: importing `@tensorflow/tfjs-layers` does that. */
export function registerGradients(): void {
  for (const [kernelName, replacement] of Object.entries(replacements)) {
    const original: GradConfig | undefined = getGradient(kernelName);
    if (original === undefined || ours.has(original)) continue;
    const config = { kernelName, ...replacement(original) };
    ours.add(config);
    registerGradient(config);
  }
}
