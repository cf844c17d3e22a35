import { backend_util, buffer, DataStorage, engine as tfjsEngine, KernelBackend, util } from '@tensorflow/tfjs-core';
import type { BackendTimingInfo, BackendValues, DataId, DataType, Rank, Tensor, TensorBuffer, TensorInfo } from '@tensorflow/tfjs-core';
import { StoredData } from './stored-data.ts';
import type { Engine, EngineOptions } from './engine/engine.ts';

/** The name under which the backend is registered with TensorFlow.js; `wasm` is tfjs' own. */
export const backendName = 'selfsup-wasm';

/** What `tf.memory()` answers besides its own counts while this backend is in use. */
export interface WasmMemoryInfo {
  readonly unreliable: boolean;
  /** Bytes of the WebAssembly heap that tensors take now, rounded up to blocks of 64. */
  readonly heapBytesInUse: number;
  /** The most that they, and the kernels' scratch space, ever took. */
  readonly heapPeakBytes: number;
}

/**
 * The storage of tensors in the WebAssembly heap.
 *
 * It also has the members that the kernels of `@tensorflow/tfjs-backend-cpu` expect of their own backend
 * (`data.get(id).values`, `makeTensorInfo`, `bufferSync`, …), so that those run on the same storage: they read the heap in
 * place, and what they make stays an ordinary array until a kernel here needs it in the heap.
 */
export class WasmBackend extends KernelBackend {
  readonly data: DataStorage<StoredData>;
  readonly engine: Engine;
  /** What the engine was asked for; it may have had to take fewer threads. */
  readonly options: EngineOptions;
  /** Read by the matMul of tfjs-backend-cpu. */
  readonly blockSize = 48;
  private hosted = 0;
  /** What the kernel that runs, if one does, has made and not disposed. */
  private made: DataId[] | undefined;

  constructor(engine: Engine, options: EngineOptions = {}) {
    super();
    this.engine = engine;
    this.options = options;
    this.data = new DataStorage(this, tfjsEngine());
  }

  override numDataIds(): number {
    return this.data.numDataIds();
  }

  override write(values: BackendValues, shape: number[], dtype: DataType): DataId {
    const dataId = {};
    this.store(dataId, values, shape, dtype, 1);
    return dataId;
  }

  override move(dataId: DataId, values: BackendValues, shape: number[], dtype: DataType, refCount: number): void {
    this.store(dataId, values, shape, dtype, refCount);
  }

  private store(dataId: DataId, values: BackendValues | undefined, shape: number[], dtype: DataType, refCount: number): void {
    const data = new StoredData(this.engine, dtype, shape, refCount);
    this.data.set(dataId, data);
    if (values === undefined || values === null) return;
    if (dtype === 'complex64') {
      const { real, imag } = backend_util.splitRealAndImagArrays(values as Float32Array);
      data.complexTensorInfos = { real: this.makeTensorInfo(shape, 'float32', real), imag: this.makeTensorInfo(shape, 'float32', imag) };
      return;
    }
    data.setHost(values);
    // A caller may go on using its array, so a tensor made of it is a copy. Kernels of tfjs-backend-cpu hand theirs over,
    // and the heap must not grow, which may detach the views they hold, before they are done.
    if (this.hosted > 0 || dtype === 'string') return;
    try {
      data.toHeap();
    } catch (error) {
      this.data.delete(dataId);
      throw error;
    }
  }

  /** Runs a kernel of tfjs-backend-cpu on this storage. */
  hostKernel<Result>(run: () => Result): Result {
    this.hosted++;
    try {
      return run();
    } finally {
      this.hosted--;
    }
  }

  /** Runs a kernel. When it throws, for want of memory for instance, what it has made is freed. */
  guard<Result>(kernel: () => Result): Result {
    const outer = this.made;
    const made: DataId[] = [];
    this.made = made;
    try {
      return kernel();
    } catch (error) {
      for (const dataId of made) this.disposeData(dataId);
      throw error;
    } finally {
      this.made = outer;
    }
  }

  /** A tensor with undefined contents in the heap, or with `values`. */
  makeTensorInfo(shape: number[], dtype: DataType, values?: BackendValues | readonly string[] | readonly number[]): TensorInfo {
    const dataId = {};
    const encoded = dtype === 'string' && typeof values?.[0] === 'string' ? (values as string[]).map((s) => util.encodeString(s)) : values;
    this.store(dataId, encoded as BackendValues | undefined, shape, dtype, 1);
    this.made?.push(dataId);
    return { dataId, shape, dtype };
  }

  makeOutput(values: BackendValues, shape: number[], dtype: DataType): Tensor {
    return tfjsEngine().makeTensorFromTensorInfo(this.makeTensorInfo(shape, dtype, values), this);
  }

  /**
   * tfjs-backend-cpu casts to a wider type by changing the tensor's type alone. Here a tensor's type is that of its numbers,
   * so such a result is converted.
   */
  withStoredType(info: TensorInfo): TensorInfo {
    const data = this.data.get(info.dataId);
    if (data.dtype === info.dtype || data.complexTensorInfos !== undefined || data.values === undefined) return info;
    const converted = this.makeTensorInfo(info.shape, info.dtype, data.values);
    this.disposeIntermediateTensorInfo(info);
    return converted;
  }

  /** Where a numeric tensor stands in the heap. */
  address({ dataId }: TensorInfo): number {
    return this.data.get(dataId).toHeap();
  }

  /** The same data under another shape; nothing is copied. */
  alias({ dataId, dtype }: TensorInfo, shape: number[]): TensorInfo {
    this.incRef(dataId);
    this.made?.push(dataId);
    return { dataId, dtype, shape };
  }

  override readSync(dataId: DataId): BackendValues {
    const { dtype, complexTensorInfos, values } = this.data.get(dataId);
    if (complexTensorInfos !== undefined) {
      const { real, imag } = complexTensorInfos;
      return backend_util.mergeRealAndImagArrays(this.readSync(real.dataId) as Float32Array, this.readSync(imag.dataId) as Float32Array);
    }
    // Always a copy in ordinary memory: a view of the heap would change under its holder's feet.
    return dtype === 'string' ? values! : (values as Float32Array).slice();
  }

  override read(dataId: DataId): Promise<BackendValues> {
    return Promise.resolve(this.readSync(dataId));
  }

  bufferSync<R extends Rank, D extends DataType>({ dataId, shape, dtype }: TensorInfo): TensorBuffer<R, D> {
    const values = this.readSync(dataId);
    const decoded = dtype === 'string' ? (values as Uint8Array[]).map((bytes) => util.decodeString(bytes)) : values;
    return buffer(shape as never, dtype, decoded as never) as TensorBuffer<R, D>;
  }

  override refCount(dataId: DataId): number {
    return this.data.has(dataId) ? this.data.get(dataId).refCount : 0;
  }

  override incRef(dataId: DataId): void {
    this.data.get(dataId).refCount++;
  }

  decRef(dataId: DataId): void {
    if (this.data.has(dataId)) this.data.get(dataId).refCount--;
  }

  override disposeData(dataId: DataId, force = false): boolean {
    if (!this.data.has(dataId)) return true;
    const data = this.data.get(dataId);
    data.refCount--;
    if (!force && data.refCount > 0) return false;
    if (data.complexTensorInfos !== undefined) {
      this.disposeData(data.complexTensorInfos.real.dataId, true);
      this.disposeData(data.complexTensorInfos.imag.dataId, true);
    }
    data.release();
    this.data.delete(dataId);
    return true;
  }

  disposeIntermediateTensorInfo({ dataId }: TensorInfo): void {
    const place = this.made?.lastIndexOf(dataId) ?? -1;
    if (place >= 0) this.made!.splice(place, 1);
    this.disposeData(dataId);
  }

  override time(run: () => void): Promise<BackendTimingInfo> {
    this.engine.finish();
    const start = util.now();
    run();
    this.engine.finish();
    return Promise.resolve({ kernelMs: util.now() - start });
  }

  override memory(): WasmMemoryInfo {
    return { unreliable: false, heapBytesInUse: this.engine.bytesInUse, heapPeakBytes: this.engine.peakBytes };
  }

  override floatPrecision(): 16 | 32 {
    return 32;
  }

  override dispose(): void {
    this.engine.dispose();
  }
}
