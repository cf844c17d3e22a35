import { findBackend, findBackendFactory, getBackend, registerBackend, setBackend } from '@tensorflow/tfjs-core';
import { backendName, WasmBackend } from './backend.ts';
import { createEngine, createEngineAsync } from './engine/engine.ts';
import type { EngineOptions } from './engine/engine.ts';
import { BackendWasmError } from './error.ts';
import { registerGradients } from './gradients.ts';
import { registerKernels } from './kernels/index.ts';

/** How the backend computes. */
export type WasmBackendOptions = EngineOptions;

/**
 * Makes this backend the one that TensorFlow.js computes on, and answers it. Registers it when it is not registered yet;
 * `tf.removeBackend('selfsup-wasm')` undoes that, ends its threads and frees its memory.
 *
 * @throws BackendWasmError `not-supported` where WebAssembly SIMD or enough memory is missing; `invalid-argument` when it
 * is registered already with other options.
 * @example
 * import * as tf from '@tensorflow/tfjs-core';
 * import { useWasmBackend } from '@selfsup/backend-wasm';
 * await useWasmBackend({ threads: 2 });
 * tf.matMul(tf.ones([2, 3]), tf.ones([3, 2])).print();
 */
export async function useWasmBackend(options: WasmBackendOptions = {}): Promise<WasmBackend> {
  const backend = registered(options) ?? register(new WasmBackend(await createEngineAsync(options), options));
  return use(backend);
}

/** Like `useWasmBackend`, at once. On a browser's main thread, which may not compile a large module, use that one. */
export function useWasmBackendSync(options: WasmBackendOptions = {}): WasmBackend {
  return use(registered(options) ?? register(new WasmBackend(createEngine(options), options)));
}

function registered(options: WasmBackendOptions): WasmBackend | undefined {
  if (findBackendFactory(backendName) === null) return undefined;
  const backend = findBackend(backendName) as WasmBackend;
  const { engine } = backend;
  const has = { threads: engine.threads, relaxed: engine.relaxed, wide: engine.wide, ...defined(backend.options) };
  const wants = { ...has, ...defined(options) };
  if (wants.threads !== has.threads || wants.relaxed !== has.relaxed || wants.wide !== has.wide) {
    throw new BackendWasmError(
      'invalid-argument',
      `The backend is already registered with { threads: ${has.threads}, relaxed: ${has.relaxed}, wide: ${has.wide} }; leave the options out to ` +
        `use it, or call tf.removeBackend('${backendName}') first.`,
    );
  }
  return backend;
}

/** Without the options that are given as undefined. */
function defined(options: WasmBackendOptions): WasmBackendOptions {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined));
}

function register(backend: WasmBackend): WasmBackend {
  registerKernels();
  let first: WasmBackend | undefined = backend;
  // `tf.engine().reset()` disposes backends and asks for them again when they are next used.
  const factory = (): WasmBackend => {
    const given = first ?? new WasmBackend(createEngine(backend.options), backend.options);
    first = undefined;
    return given;
  };
  registerBackend(backendName, factory, 4);
  return backend;
}

function use(backend: WasmBackend): WasmBackend {
  registerGradients();
  // Effective at once, since the factory is synchronous; the promise only repeats that.
  void setBackend(backendName);
  if (getBackend() !== backendName) {
    throw new BackendWasmError('not-supported', `TensorFlow.js did not take the backend "${backendName}" and stays with "${getBackend()}".`);
  }
  return backend;
}
