import { BackendWasmError } from '../error.ts';
import * as plain4x8 from '../generated/wasm-plain-4x8.ts';
import * as relaxed6x16 from '../generated/wasm-relaxed-6x16.ts';
import * as relaxed6x8 from '../generated/wasm-relaxed-6x8.ts';
import type { Build } from './platform.ts';

export type Compiled = WebAssembly.Module;

const builds = { 'plain-4x8': plain4x8, 'relaxed-6x8': relaxed6x8, 'relaxed-6x16': relaxed6x16 };

/** The module's bytes. One byte in them says whether the memory they import is shared (3) or not (1). */
function wasmBytes(build: Build, shared: boolean): Uint8Array<ArrayBuffer> {
  const { wasmBase64, sharedFlagOffset } = builds[build];
  const bytes = Uint8Array.from(atob(wasmBase64), (letter) => letter.charCodeAt(0));
  if (!shared) bytes[sharedFlagOffset] = 1;
  return bytes;
}

export function compileSync(build: Build, shared: boolean): Compiled {
  return new WebAssembly.Module(wasmBytes(build, shared));
}

export function compile(build: Build, shared: boolean): Promise<Compiled> {
  return WebAssembly.compile(wasmBytes(build, shared));
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
