import { BackendWasmError } from '../error.ts';
import * as plain from '../generated/wasm-plain.ts';
import * as relaxedWide from '../generated/wasm-relaxed-wide.ts';
import * as relaxed from '../generated/wasm-relaxed.ts';
import type { SimdLevel } from './platform.ts';

export type Compiled = WebAssembly.Module;

const builds = { plain, relaxed, 'relaxed-wide': relaxedWide };

/** The module's bytes. One byte in them says whether the memory they import is shared (3) or not (1). */
function wasmBytes(simd: SimdLevel, shared: boolean): Uint8Array<ArrayBuffer> {
  const build = builds[simd];
  const bytes = Uint8Array.from(atob(build.wasmBase64), (letter) => letter.charCodeAt(0));
  if (!shared) bytes[build.sharedFlagOffset] = 1;
  return bytes;
}

export function compileSync(simd: SimdLevel, shared: boolean): Compiled {
  return new WebAssembly.Module(wasmBytes(simd, shared));
}

export function compile(simd: SimdLevel, shared: boolean): Promise<Compiled> {
  return WebAssembly.compile(wasmBytes(simd, shared));
}

const initialPages = 256;
const maximumPages = [65536, 32768, 16384, 8192];

/** A memory that can grow to 4 GiB, or to as much of it as the platform lets us reserve, and that limit in bytes. */
export function createMemory(shared: boolean): { readonly memory: WebAssembly.Memory; readonly limit: number } {
  let failure: unknown;
  for (const maximum of maximumPages) {
    try {
      return { memory: new WebAssembly.Memory({ initial: initialPages, maximum, shared }), limit: maximum * 65536 };
    } catch (error) {
      failure = error;
    }
  }
  throw new BackendWasmError('not-supported', `This platform gives no WebAssembly memory of 512 MiB or more: ${String(failure)}`);
}
