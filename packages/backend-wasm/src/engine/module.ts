import { BackendWasmError } from '../error.ts';
import * as plain from '../generated/wasm-plain.ts';
import * as relaxedBuild from '../generated/wasm-relaxed.ts';

export type Compiled = WebAssembly.Module;

/** The module's bytes. One byte in them says whether the memory they import is shared (3) or not (1). */
function wasmBytes(relaxed: boolean, shared: boolean): Uint8Array<ArrayBuffer> {
  const build = relaxed ? relaxedBuild : plain;
  const bytes = Uint8Array.from(atob(build.wasmBase64), (letter) => letter.charCodeAt(0));
  if (!shared) bytes[build.sharedFlagOffset] = 1;
  return bytes;
}

export function compileSync(relaxed: boolean, shared: boolean): Compiled {
  return new WebAssembly.Module(wasmBytes(relaxed, shared));
}

export function compile(relaxed: boolean, shared: boolean): Promise<Compiled> {
  return WebAssembly.compile(wasmBytes(relaxed, shared));
}

const initialPages = 256;
const maximumPages = [65536, 32768, 16384, 8192];

/** A memory that can grow to 4 GiB, or to as much of it as the platform lets us reserve. */
export function createMemory(shared: boolean): WebAssembly.Memory {
  let failure: unknown;
  for (const maximum of maximumPages) {
    try {
      return new WebAssembly.Memory({ initial: initialPages, maximum, shared });
    } catch (error) {
      failure = error;
    }
  }
  throw new BackendWasmError('not-supported', `This platform gives no WebAssembly memory of 512 MiB or more: ${String(failure)}`);
}
