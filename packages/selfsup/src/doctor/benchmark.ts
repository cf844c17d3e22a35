import { resnet18, smallResNet, summarize } from '@selfsup/backbones';
import type { NetSpec } from '@selfsup/layers';
import { trainStep } from '@selfsup/train';
import { matMul, mean, randomUniform } from '@tensorflow/tfjs-core';
import { findPreset } from '../registry.ts';

/** What about a second of work measured. */
export interface Benchmark {
  /** A product of two float32 matrices of `size` × `size`, both ready. */
  readonly matMul: { readonly size: number; readonly gflops: number };
  /** A whole training step, the largest of a few that fits; null where none does. */
  readonly step: StepSpeed | null;
  readonly seconds: number;
}

export interface StepSpeed {
  readonly method: 'simsiam';
  readonly encoder: string;
  /** `[height, width, channels]` of an image. */
  readonly image: readonly [number, number, number];
  readonly batchSize: number;
  /** Steps that were timed, after one that was not. */
  readonly steps: number;
  readonly imagesPerSecond: number;
}

interface Candidate {
  readonly encoder: NetSpec;
  readonly image: readonly [number, number, number];
  readonly batchSize: number;
}

/** From large to small; of these encoders, `small` is what `selfsup train` takes when none is named. */
const candidates: readonly Candidate[] = [
  { encoder: resnet18({ stem: 'cifar' }), image: [32, 32, 3], batchSize: 64 },
  { encoder: resnet18({ stem: 'cifar' }), image: [32, 32, 3], batchSize: 16 },
  { encoder: smallResNet(), image: [28, 28, 1], batchSize: 128 },
  { encoder: smallResNet(), image: [28, 28, 1], batchSize: 16 },
];
/** Seconds that two steps may take by their arithmetic; they take longer, as not all of it is products of matrices. */
const budget = 0.7;

/** Measures the backend in use. */
export async function runBenchmark(): Promise<Benchmark> {
  const start = performance.now();
  const product = await measureMatMul(512);
  const fitting = candidates.find((candidate) => 2 * flops(candidate) < product.gflops * 1e9 * budget);
  const step = fitting ? await measureStep(fitting) : null;
  return { matMul: product, step, seconds: (performance.now() - start) / 1000 };
}

/** Of a step of two views: a forward pass of an image takes two a multiply-accumulate, and a backward pass twice that. */
function flops({ encoder, image, batchSize }: Candidate): number {
  const net = encoder.build(image, 0);
  const { macs } = summarize(net);
  net.dispose();
  return 2 * batchSize * 3 * 2 * macs;
}

async function measureMatMul(size: number): Promise<Benchmark['matMul']> {
  const [a, b] = [1, 2].map((seed) => randomUniform([size, size], -1, 1, 'float32', seed)) as [ReturnType<typeof randomUniform>, ReturnType<typeof randomUniform>];
  const { seconds } = await timed(async () => {
    const product = matMul(a, b);
    const value = mean(product);
    // A GPU works on after the call; one number of the result makes it finish.
    await value.data();
    product.dispose();
    value.dispose();
  }, 0.2);
  a.dispose();
  b.dispose();
  return { size, gflops: (2 * size ** 3) / seconds / 1e9 };
}

async function measureStep({ encoder, image, batchSize }: Candidate): Promise<StepSpeed> {
  const preset = findPreset('simsiam', 'small');
  const method = preset.method({ encoder, inputShape: image, seed: 0 });
  const optimizer = preset.optimizer({ batchSize });
  const shape: [number, number, number, number] = [batchSize, ...image];
  const view = (seed: number): { readonly data: Float32Array; readonly shape: typeof shape } => {
    let state = seed;
    const data = Float32Array.from({ length: batchSize * image[0] * image[1] * image[2] }, () => {
      state = (Math.imul(state, 1664525) + 1013904223) | 0;
      return state / 2 ** 31;
    });
    return { data, shape };
  };
  const batch = { views: { a: view(1), b: view(2) }, indices: new Int32Array(batchSize) };
  let step = 0;
  const { seconds, runs } = await timed(async () => {
    await trainStep(method, optimizer, batch, { step: step++, totalSteps: 1000, epoch: 0, stepsPerEpoch: 1000, batchSize });
  }, 0.3);
  optimizer.dispose();
  method.dispose();
  return { method: 'simsiam', encoder: encoder.name, image, batchSize, steps: runs, imagesPerSecond: batchSize / seconds };
}

/** Seconds of one run: the median of those that begin within `enough` seconds, after one that makes everything ready. */
async function timed(run: () => Promise<void>, enough: number): Promise<{ readonly seconds: number; readonly runs: number }> {
  await run();
  const start = performance.now();
  const times: number[] = [];
  while (times.length === 0 || performance.now() - start < 1000 * enough) {
    const before = performance.now();
    await run();
    times.push((performance.now() - before) / 1000);
  }
  // The first runs are slower: V8 compiles WebAssembly better while it runs.
  const sorted = times.toSorted((a, b) => a - b);
  return { seconds: sorted[Math.floor((sorted.length - 1) / 2)]!, runs: sorted.length };
}
