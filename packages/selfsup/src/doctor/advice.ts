import type { Diagnosis } from './describe.ts';

/** What makes a training slower or smaller than it could be, each with what to do. */
export function adviceFor({ versions, backend, system, memory, wasm, images, fastJpeg, benchmark }: Omit<Diagnosis, 'advice'>): readonly string[] {
  const advice: string[] = [];
  if (backend === 'wasm' && wasm) {
    const { coreLimit } = system;
    const share = coreLimit === null ? null : Math.max(1, Math.floor(coreLimit));
    if (share !== null && wasm.threads > share) {
      advice.push(`The backend takes ${wasm.threads} threads, but this container may use ${+coreLimit!.toFixed(2)} core(s), and threads that wait for each other are slow: --threads ${share}.`);
    }
    if (!wasm.relaxed) advice.push('Without relaxed SIMD, products of matrices take up to twice as long: Node 22 or newer has it.');
    else if (!wasm.wide && system.arch === 'x64' && Number.parseInt(versions.node, 10) < 24) {
      advice.push('On Node 24 the backend takes vectors of 8 numbers instead of 4, and trains faster.');
    }
    if (benchmark && wasm.workersReady < wasm.threads - 1) advice.push(`Only ${wasm.workersReady + 1} of ${wasm.threads} threads started; the others' work is done by these.`);
    if (memory.wasmHeap < 2 ** 32) advice.push('The WebAssembly heap cannot grow to 4 GiB: a limit on address space (ulimit -v) is in the way.');
  }
  if (backend === 'cpu') advice.push('The cpu backend is plain JavaScript, for comparisons: --backend wasm is tens of times faster.');
  const available = Math.min(memory.limit ?? memory.total, memory.total);
  if (available < 2 ** 31) advice.push('With less than 2 GiB of memory, give a small --batch-size and a small --cache.');
  if (!images.usable) advice.push('Without sharp, --data takes IDX, CIFAR and NumPy files, and no files of images.');
  else if (!fastJpeg.usable) advice.push('Without the fast decoder, JPEGs take twice as long: npm install @napi-rs/image, or train with --jpeg exact.');
  return advice;
}
