// What the running JavaScript engine offers. Node built-ins are asked for at run time, so that bundlers and browsers
// never see an import of one.

type Builtins = { readonly getBuiltinModule?: (name: string) => unknown };

/** A Node built-in module, or undefined outside Node (and on Node older than 20.16). */
export function nodeBuiltin<Module>(name: string): Module | undefined {
  const host = (globalThis as { readonly process?: Builtins }).process;
  return host?.getBuiltinModule?.(name) as Module | undefined;
}

// (module (func (param v128) (drop (f32x4.relaxed_madd (local.get 0) (local.get 0) (local.get 0)))))
const relaxedProbe = Uint8Array.of(
  0, 97, 115, 109, 1, 0, 0, 0, 1, 5, 1, 96, 1, 123, 0, 3, 2, 1, 0, 10, 14, 1, 12, 0, 32, 0, 32, 0, 32, 0, 253, 133, 2, 26, 11,
);

/** How the kernels were compiled: separate multiply and add, or fused; and rows by columns of the matrix product's register block. */
export type Build = 'plain-4x8' | 'relaxed-6x8' | 'relaxed-6x16';

let fastest: Build | undefined;

/** The fastest build with vectors of four numbers that runs here. Node 20 has relaxed SIMD behind a V8 flag, which this sets. */
export function fastestBuild(): Build {
  return (fastest ??= probeBuild());
}

function probeBuild(): Build {
  if (!WebAssembly.validate(relaxedProbe)) setV8Flag('--experimental-wasm-relaxed-simd');
  return WebAssembly.validate(relaxedProbe) ? 'relaxed-6x8' : 'plain-4x8';
}

function setV8Flag(flag: string): void {
  nodeBuiltin<{ readonly setFlagsFromString: (flag: string) => void }>('node:v8')?.setFlagsFromString(flag);
}

let joins: boolean | undefined;

/**
 * Whether V8 joins pairs of vectors of four numbers into vectors of eight here, which it does behind a flag that this sets: that of
 * Node 24 to 26 on x64, with the vectors of AVX2. A processor that has fused multiply-add has those too.
 */
export function joinsVectors(): boolean {
  return (joins ??= probeJoining());
}

function probeJoining(): boolean {
  const { process } = globalThis as { readonly process?: { readonly arch?: string; readonly versions?: Record<string, string | undefined> } };
  const { node, v8 = '', deno, bun, electron } = process?.versions ?? {};
  if (process?.arch !== 'x64' || node === undefined || (deno ?? bun ?? electron) !== undefined) return false;
  const [major = 0, minor = 0] = v8.split('.').map(Number);
  if (major < 13 || (major === 13 && minor < 6) || major > 14 || !fusesMultiplyAdd()) return false;
  setV8Flag('--experimental-wasm-revectorize');
  return true;
}

// (module (func (export "f") (result f32) …)): (1 + 2⁻¹²)² − (1 + 2⁻¹¹) by f32x4.relaxed_madd, which is 2⁻²⁴ if fused and 0 if not.
const fusedProbe = Uint8Array.of(
  0, 97, 115, 109, 1, 0, 0, 0, 1, 5, 1, 96, 0, 1, 125, 3, 2, 1, 0, 7, 5, 1, 1, 102, 0, 0, 10, 31, 1, 29, 0, 67, 0, 8, 128, 63, 253, 19, 67, 0, 8, 128,
  63, 253, 19, 67, 0, 16, 128, 191, 253, 19, 253, 133, 2, 253, 31, 0, 11,
);

function fusesMultiplyAdd(): boolean {
  const { f } = new WebAssembly.Instance(new WebAssembly.Module(fusedProbe)).exports as { readonly f: () => number };
  return f() !== 0;
}

/** Whether worker threads can share a WebAssembly memory here. */
export function supportsThreads(): boolean {
  if (typeof SharedArrayBuffer === 'undefined' || typeof Atomics === 'undefined') return false;
  if (nodeBuiltin('node:worker_threads') !== undefined) return true;
  const scope = globalThis as { readonly crossOriginIsolated?: boolean };
  return typeof Worker !== 'undefined' && scope.crossOriginIsolated === true;
}

/** Cores that this process may use. */
export function availableCores(): number {
  const os = nodeBuiltin<{ readonly availableParallelism: () => number }>('node:os');
  return os?.availableParallelism() ?? globalThis.navigator?.hardwareConcurrency ?? 1;
}

/** Whether the calling thread may block in `Atomics.wait`; a browser's main thread may not. */
export function mayBlock(): boolean {
  return nodeBuiltin('node:worker_threads') !== undefined || typeof document === 'undefined';
}
