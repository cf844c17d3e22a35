import { util } from '@tensorflow/tfjs-core';
import type { BackendValues, DataType, TensorInfo } from '@tensorflow/tfjs-core';
import { BackendWasmError } from './error.ts';
import type { Engine } from './engine/engine.ts';

/** A tensor's values outside the heap. */
export type HostValues = BackendValues;

/** What the backend keeps for one data id: values in the heap, or in JavaScript memory until a kernel wants them there. */
export class StoredData {
  readonly dtype: DataType;
  readonly length: number;
  private readonly shape: readonly number[];
  refCount: number;
  complexTensorInfos: { readonly real: TensorInfo; readonly imag: TensorInfo } | undefined;
  private readonly engine: Engine;
  private address = 0;
  private host: HostValues | undefined;

  constructor(engine: Engine, dtype: DataType, shape: number[], refCount: number) {
    this.engine = engine;
    this.dtype = dtype;
    this.shape = shape;
    this.length = util.sizeFromShape(shape);
    this.refCount = refCount;
  }

  /** The values where they are: an ordinary array, or a view of the heap that is valid until the next allocation. */
  get values(): HostValues | undefined {
    return this.host ?? (this.address === 0 ? undefined : this.view());
  }

  setHost(values: HostValues): void {
    if (this.dtype === 'string') {
      this.host = values;
      return;
    }
    const own = typed(values, this.dtype) as Float32Array;
    this.host = this.engine.holds(own) ? own.slice() : own;
  }

  /** The address in the heap, after moving the values there if they are not. */
  toHeap(): number {
    if (this.address !== 0) return this.address;
    if (this.dtype === 'string' || this.dtype === 'complex64') {
      throw new BackendWasmError('not-supported', `A ${this.dtype} tensor has no address in the heap; cast it to a number type first.`);
    }
    const { engine } = this;
    const host = this.host as Float32Array | Int32Array | Uint8Array | undefined;
    const address = engine.alloc(this.length * (this.dtype === 'bool' ? 1 : 4), this.shape);
    try {
      if (host instanceof Uint8Array) engine.writable(address, host.length).u8.set(host, address);
      else if (host !== undefined) engine.write(host, address);
    } catch (error) {
      // What went wrong in a run before is told here; the values stay where they are.
      engine.free(address);
      throw error;
    }
    this.address = address;
    this.host = undefined;
    return address;
  }

  release(): void {
    if (this.address !== 0) this.engine.free(this.address);
    this.address = 0;
    this.host = undefined;
  }

  private view(): Float32Array | Int32Array | Uint8Array {
    const { address, length, dtype } = this;
    const { f32, i32, u8 } = this.engine.readable(address, length * (dtype === 'bool' ? 1 : 4));
    if (dtype === 'bool') return u8.subarray(address, address + length);
    return (dtype === 'float32' ? f32 : i32).subarray(address / 4, address / 4 + length);
  }
}

/** The values in the array type that their dtype has in tfjs. */
function typed(given: HostValues, dtype: DataType): HostValues {
  const values = given as ArrayLike<number>;
  if (dtype === 'float32') return given instanceof Float32Array ? given : Float32Array.from(values);
  if (dtype === 'int32') return given instanceof Int32Array ? given : Int32Array.from(values);
  return given instanceof Uint8Array ? given : Uint8Array.from(values);
}
