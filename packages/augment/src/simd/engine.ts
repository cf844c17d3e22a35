import { wasmBase64 } from '../generated/wasm.ts';

/** The exports of assembly/. Addresses and sizes are whole numbers. */
export interface Exports {
  readonly memory: WebAssembly.Memory;
  readonly heapBase: () => number;
  readonly lookUp: (source: number, target: number, height: number, width: number, channels: number, mirrored: number, table: number) => void;
  readonly writeFloats: (source: number, target: number, height: number, width: number, channels: number, mirrored: number, values: number) => void;
  readonly resizeColumns: (
    source: number,
    sourceStride: number,
    rows: number,
    channels: number,
    width: number,
    first: number,
    weights: number,
    pairs: number,
    target: number,
  ) => void;
  readonly resizeRows: (source: number, stride: number, height: number, first: number, weights: number, pairs: number, target: number) => void;
  readonly blurColumns: (
    source: number,
    height: number,
    width: number,
    channels: number,
    weights: number,
    radius: number,
    padded: number,
    doubled: number,
    target: number,
  ) => void;
  readonly blurRows: (source: number, height: number, stride: number, weights: number, radius: number, rows: number, target: number) => void;
  readonly greySum: (source: number, pixels: number) => number;
  readonly toGrey: (source: number, target: number, pixels: number) => void;
  readonly adjustSaturation: (source: number, target: number, pixels: number, factor: number) => void;
  readonly turnHue: (source: number, target: number, pixels: number, steps: number) => void;
}

/** A buffer in the engine's memory. It moves when it grows, and its content is lost then. */
export interface Buffer {
  /** The address of at least `bytes` bytes, and of 32 more that kernels may touch. */
  readonly reserve: (bytes: number) => number;
}

/** The compiled kernels and their memory. */
export interface Engine {
  readonly exports: Exports;
  readonly buffer: () => Buffer;
  /** The memory as it is now; made anew when the memory has grown. */
  readonly bytes: () => Uint8Array;
  readonly floats: () => Float32Array;
  readonly ints: () => Int32Array;
}

const pageBytes = 0x1_0000;
const margin = 32;

/** The kernels, compiled at once (5 kB); `null` where WebAssembly or its SIMD is missing or not allowed. */
export function createEngine(): Engine | null {
  let exports: Exports;
  try {
    const code = Uint8Array.from(atob(wasmBase64), (letter) => letter.charCodeAt(0));
    exports = new WebAssembly.Instance(new WebAssembly.Module(code)).exports as unknown as Exports;
  } catch {
    return null;
  }
  const { memory } = exports;
  let next = exports.heapBase();
  let bytes = new Uint8Array(memory.buffer);
  let floats = new Float32Array(memory.buffer);
  let ints = new Int32Array(memory.buffer);

  const refresh = (): void => {
    if (bytes.buffer === memory.buffer) return;
    bytes = new Uint8Array(memory.buffer);
    floats = new Float32Array(memory.buffer);
    ints = new Int32Array(memory.buffer);
  };
  // A buffer that grows leaves its old place behind; as it grows by half at least, that is less than twice its size in all.
  const allocate = (size: number): number => {
    const at = Math.ceil(next / 16) * 16;
    const missing = at + size - memory.buffer.byteLength;
    if (missing > 0) memory.grow(Math.ceil(missing / pageBytes));
    next = at + size;
    return at;
  };
  return {
    exports,
    buffer: () => {
      let at = 0;
      let capacity = 0;
      return {
        reserve: (wanted) => {
          if (wanted > capacity) {
            capacity = Math.max(wanted, Math.ceil(1.5 * capacity));
            at = allocate(capacity + margin);
          }
          return at;
        },
      };
    },
    bytes: () => {
      refresh();
      return bytes;
    },
    floats: () => {
      refresh();
      return floats;
    },
    ints: () => {
      refresh();
      return ints;
    },
  };
}
