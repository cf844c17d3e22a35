import { BackendWasmError } from '../error.ts';

const alignment = 64;

/** Grows the heap to at least `bytes` bytes and answers its new size, or undefined when it cannot. */
export type GrowHeap = (bytes: number) => number | undefined;

export interface Allocator {
  /** `shape` is that of the tensor that the bytes are for; without one they are scratch space. */
  readonly alloc: (bytes: number, shape?: readonly number[]) => number;
  readonly free: (address: number) => void;
  /** Bytes of the block that begins at an address, if one does. */
  readonly sizeOf: (address: number) => number | undefined;
  readonly bytesInUse: () => number;
  readonly peakBytes: () => number;
}

interface Block {
  readonly start: number;
  readonly size: number;
}

const mib = (bytes: number): string => `${(bytes / 2 ** 20).toFixed(1)} MiB`;

/** What was asked for, and what to do if its first dimension is the batch, as it is of images and features. */
function request(bytes: number, shape: readonly number[] | undefined): { readonly what: string; readonly advice: string } {
  const general = 'fewer views or a smaller network, or dispose tensors that are no longer needed';
  const [batch = 1] = shape ?? [];
  if (shape === undefined) return { what: `${mib(bytes)} of scratch space`, advice: `Use a smaller batch, ${general}.` };
  const what = `a tensor of shape [${shape.join(', ')}], ${mib(bytes)}`;
  if (shape.length < 2 || batch < 2) return { what, advice: `Use a smaller batch, ${general}.` };
  return { what, advice: `If its first dimension, ${batch}, is the batch, try ${Math.floor(batch / 2)}; or use ${general}.` };
}

/**
 * Best-fit allocator over `[base, heapBytes)`, which may grow to `limit`: free blocks are kept sorted by size and joined with their free
 * neighbours, so that the same sequence of sizes finds the same places again and the heap stops growing.
 */
export function createAllocator(base: number, heapBytes: number, limit: number, grow: GrowHeap): Allocator {
  let end = heapBytes;
  let inUse = 0;
  let peak = 0;
  const used = new Map<number, number>();
  const bySize: Block[] = []; // ascending (size, start)
  const byStart = new Map<number, Block>();
  const byEnd = new Map<number, Block>();

  /** Index of the first free block that is not smaller than (size, start). */
  const position = (size: number, start: number): number => {
    let low = 0;
    let high = bySize.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      const block = bySize[middle]!;
      if (block.size < size || (block.size === size && block.start < start)) low = middle + 1;
      else high = middle;
    }
    return low;
  };
  const insert = (block: Block): void => {
    bySize.splice(position(block.size, block.start), 0, block);
    byStart.set(block.start, block);
    byEnd.set(block.start + block.size, block);
  };
  const remove = (block: Block): void => {
    bySize.splice(position(block.size, block.start), 1);
    byStart.delete(block.start);
    byEnd.delete(block.start + block.size);
  };
  const release = (start: number, size: number): void => {
    const before = byEnd.get(start);
    const after = byStart.get(start + size);
    if (before) remove(before);
    if (after) remove(after);
    insert({ start: before?.start ?? start, size: size + (before?.size ?? 0) + (after?.size ?? 0) });
  };
  insert({ start: base, size: heapBytes - base });

  const outOfMemory = (bytes: number, shape: readonly number[] | undefined): BackendWasmError => {
    const { what, advice } = request(bytes, shape);
    return new BackendWasmError(
      'out-of-memory',
      `The WebAssembly heap has no room for ${what}: ${mib(inUse)} are in use, the peak was ${mib(peak)}, and it holds at most ${mib(limit)}. ${advice}`,
    );
  };

  const alloc = (bytes: number, shape?: readonly number[]): number => {
    const size = Math.max(alignment, Math.ceil(bytes / alignment) * alignment);
    let at = position(size, 0);
    if (at === bySize.length) {
      const last = byEnd.get(end);
      const grown = grow(end + size - (last?.size ?? 0));
      if (grown === undefined) throw outOfMemory(bytes, shape);
      const start = end;
      end = grown;
      release(start, grown - start);
      at = position(size, 0);
    }
    const block = bySize[at]!;
    remove(block);
    if (block.size > size) insert({ start: block.start + size, size: block.size - size });
    used.set(block.start, size);
    inUse += size;
    if (inUse > peak) peak = inUse;
    return block.start;
  };

  const free = (address: number): void => {
    const size = used.get(address);
    if (size === undefined) {
      throw new BackendWasmError('invalid-argument', `Nothing is allocated at address ${address}; free each block once.`);
    }
    used.delete(address);
    inUse -= size;
    release(address, size);
  };

  return { alloc, free, sizeOf: (address) => used.get(address), bytesInUse: () => inUse, peakBytes: () => peak };
}
