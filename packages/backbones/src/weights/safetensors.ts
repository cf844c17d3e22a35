import { BackbonesError } from '../error.ts';
import { fromBfloat16, fromFloat16 } from './half-floats.ts';
import { readHeader } from './safetensors-header.ts';
import type { SafetensorsDtype } from './safetensors-header.ts';

/** One tensor of a safetensors file. */
export interface StoredTensor {
  readonly dtype: SafetensorsDtype;
  readonly shape: readonly number[];
  /**
   * The values, in row-major order, as float32.
   * @throws BackbonesError `unsupported-dtype` for other types than F32, F16 and BF16
   */
  readonly toFloat32: () => Float32Array;
}

/** What is in a safetensors file. */
export interface SafetensorsFile {
  readonly metadata: Readonly<Record<string, string>>;
  readonly tensors: ReadonlyMap<string, StoredTensor>;
}

/**
 * Reads a safetensors file. The bytes are looked at only when a tensor is read, so that an entry of a type that is not
 * supported does no harm while nobody asks for it.
 *
 * @throws BackbonesError `invalid-safetensors` for a header that is longer than 100 MB, is no JSON or names something twice;
 * for tensors that overlap, leave gaps or reach beyond the file; for a file that is cut short
 * @see https://github.com/huggingface/safetensors#format
 */
export function decodeSafetensors(bytes: Uint8Array): SafetensorsFile {
  const { metadata, entries, dataStart } = readHeader(bytes);
  const tensors = new Map<string, StoredTensor>();
  for (const [name, { dtype, shape, begin, end }] of entries) {
    tensors.set(name, { dtype, shape, toFloat32: () => float32Of(name, dtype, copyOf(bytes, dataStart + begin, dataStart + end)) });
  }
  return { metadata, tensors };
}

/** Not `bytes.slice`, which of a Node `Buffer` is no copy. */
function copyOf(bytes: Uint8Array, begin: number, end: number): ArrayBuffer {
  return new Uint8Array(bytes.subarray(begin, end)).buffer;
}

/** @param values bytes of their own, so that they are aligned */
function float32Of(name: string, dtype: SafetensorsDtype, values: ArrayBuffer): Float32Array {
  if (dtype === 'F32') return new Float32Array(values);
  if (dtype === 'F16') return fromFloat16(new Uint16Array(values));
  if (dtype === 'BF16') return fromBfloat16(new Uint16Array(values));
  throw new BackbonesError('unsupported-dtype', `The tensor ${JSON.stringify(name)} is ${dtype}, but F32, F16 and BF16 can be read; convert it first.`);
}

/** Values in row-major order. */
export interface Float32Values {
  readonly shape: readonly number[];
  readonly data: Float32Array;
}

/** Writes float32 tensors as a safetensors file, in the order given. */
export function encodeSafetensors(tensors: ReadonlyMap<string, Float32Values>, metadata: Readonly<Record<string, string>> = {}): Uint8Array {
  const header: [string, unknown][] = Object.keys(metadata).length > 0 ? [['__metadata__', metadata]] : [];
  let end = 0;
  for (const [name, { shape, data }] of tensors) {
    if (shape.reduce((product, size) => product * size, 1) !== data.length || name === '__metadata__') {
      throw new BackbonesError('shape-mismatch', `The tensor ${JSON.stringify(name)} of [${shape.join(', ')}] has ${data.length} values, or a name that the format keeps for itself.`);
    }
    header.push([name, { dtype: 'F32', shape, data_offsets: [end, end + data.byteLength] }]);
    end += data.byteLength;
  }
  const text = new TextEncoder().encode(JSON.stringify(Object.fromEntries(header)));
  // Spaces after the header align the values.
  const dataStart = 8 + Math.ceil(text.length / 8) * 8;
  const bytes = new Uint8Array(dataStart + end).fill(0x20, 0, dataStart);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(dataStart - 8), true);
  bytes.set(text, 8);
  let at = dataStart;
  for (const { data } of tensors.values()) {
    bytes.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), at);
    at += data.byteLength;
  }
  return bytes;
}
