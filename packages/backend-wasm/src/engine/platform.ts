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

// (module (type (struct))): garbage collection, which V8 has had for as long as its register allocation fits the wide build.
const newV8Probe = Uint8Array.of(0, 97, 115, 109, 1, 0, 0, 0, 1, 3, 1, 95, 0);

/** Separate multiply and add; fused; fused with the larger register block that newer V8 keeps in registers. */
export type SimdLevel = 'plain' | 'relaxed' | 'relaxed-wide';

let level: SimdLevel | undefined;

/**
 * The fastest build that runs here. The V8 of Node ≥ 22 also allocates registers well enough for the wide one; Node 20 has
 * relaxed SIMD behind a V8 flag, which this sets.
 */
export function simdLevel(): SimdLevel {
  return (level ??= probeSimd());
}

function probeSimd(): SimdLevel {
  if (WebAssembly.validate(relaxedProbe)) return WebAssembly.validate(newV8Probe) ? 'relaxed-wide' : 'relaxed';
  const v8 = nodeBuiltin<{ readonly setFlagsFromString: (flag: string) => void }>('node:v8');
  v8?.setFlagsFromString('--experimental-wasm-relaxed-simd');
  return WebAssembly.validate(relaxedProbe) ? 'relaxed' : 'plain';
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
