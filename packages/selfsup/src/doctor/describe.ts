import pc from 'picocolors';
import type { ConcreteBackend } from '../backends/names.ts';
import { counted } from '../format.ts';
import type { BackendCheck } from './backends.ts';
import type { Benchmark } from './benchmark.ts';
import type { FastJpegSupport, ImageSupport } from './images.ts';
import type { Machine } from './machine.ts';
import type { WasmSupport } from './wasm.ts';

/** All that `selfsup doctor` finds out. */
export interface Diagnosis extends Machine {
  /** What a training without `--backend`, or with the one asked about, computes on; null: it cannot. */
  readonly backend: ConcreteBackend | null;
  readonly backends: readonly BackendCheck[];
  /** Of the wasm backend; null where it was not tried or does not work. */
  readonly wasm: WasmSupport | null;
  readonly images: ImageSupport;
  readonly fastJpeg: FastJpegSupport;
  /** Null when it was left out, or there is nothing to measure. */
  readonly benchmark: Benchmark | null;
  /** What makes a training slower or smaller than it could be, each with what to do. */
  readonly advice: readonly string[];
}

const gib = (bytes: number): string => `${(bytes / 2 ** 30).toFixed(1)} GiB`;
const mark = (good: boolean): string => (good ? pc.green('✓') : pc.dim('–'));

/** A page for a person. */
export function describeDiagnosis({ versions, system, memory, backend, backends, wasm, images, fastJpeg, benchmark, advice }: Diagnosis): string {
  const facts: readonly (readonly [string, string])[] = [
    ['versions', `selfsup ${versions.selfsup}, Node ${versions.node} (V8 ${versions.v8}), TensorFlow.js ${versions.tfjs}`],
    ['system', `${system.os} ${system.arch}, ${system.cpu}`],
    ['cores', `${system.cores}${system.coreLimit === null ? '' : `, of which this container may use ${+system.coreLimit.toFixed(2)}`}`],
    ['memory', `${gib(memory.total)}, ${gib(memory.free)} free${memory.limit === null ? '' : `; this container may use ${gib(memory.limit)}`}`],
    ['limits', `JavaScript heap ${gib(memory.nodeHeap)}; WebAssembly heap ${gib(memory.wasmHeap)}`],
    ['images', images.usable ? `${images.formats.join(', ')} (sharp ${images.sharp}, libvips ${images.libvips})` : images.reason],
    ['fast JPEG', fastJpeg.usable ? 'ok (@napi-rs/image)' : fastJpeg.reason],
  ];
  const details = (check: BackendCheck): string => check.reason ?? (check.name === 'wasm' && wasm ? describeWasm(wasm) : 'works');
  return [
    ...facts.map(([name, value]) => `${pc.bold(name.padEnd(12))}${value}`),
    '',
    pc.bold('backends'),
    ...backends.map((check) => `${mark(check.usable)} ${check.name.padEnd(10)}${details(check)}${check.name === backend ? pc.green(' ← in use') : ''}`),
    ...(benchmark ? ['', pc.bold(`benchmark of ${backend}, ${benchmark.seconds.toFixed(1)} s`), ...describeBenchmark(benchmark)] : []),
    ...(advice.length > 0 ? ['', ...advice.map((sentence) => `${pc.yellow('!')} ${sentence}`)] : []),
    '',
    backend === null ? `${pc.red('✗')} No training is possible here: see above.` : `${pc.green('✓')} Ready to train: selfsup train simsiam`,
  ].join('\n');
}

function describeWasm({ threads, relaxed, wide }: WasmSupport): string {
  return `${counted(threads, 'thread')}, SIMD of ${wide ? 8 : 4} numbers, ${relaxed ? 'relaxed SIMD (fused multiply-add)' : 'no relaxed SIMD'}`;
}

function describeBenchmark({ matMul, step }: Benchmark): readonly string[] {
  const rounded = (value: number): string => String(value >= 10 ? Math.round(value) : +value.toPrecision(2));
  return [
    `  ${rounded(matMul.gflops).padStart(6)} GFLOP/s   product of two float32 matrices of ${matMul.size}×${matMul.size}`,
    step
      ? `  ${rounded(step.imagesPerSecond).padStart(6)} images/s  SimSiam step of ${step.encoder}, images of ${step.image.join('×')}, batch ${step.batchSize} (${counted(step.steps, 'step')}; views were ready)`
      : '  no training step was measured: none fits into a second',
  ];
}
