import { arraySource } from './array-source.ts';
import { DataError } from './error.ts';
import type { ImageSource, Labels } from './image.ts';

/** The contents of a `.npy` file in row-major order. */
export interface NpyArray {
  readonly shape: readonly number[];
  /** NumPy's name of the number type, such as `|u1`. */
  readonly descr: string;
  /** The numbers as they are in the file. */
  readonly data: Uint8Array;
}

/** The whole-number types that labels come in, and how one is read. */
const WHOLE: Readonly<Record<string, (view: DataView, at: number) => number>> = {
  '|u1': (view, at) => view.getUint8(at),
  '|b1': (view, at) => view.getUint8(at),
  '|i1': (view, at) => view.getInt8(at),
  '<u2': (view, at) => view.getUint16(at, true),
  '<i2': (view, at) => view.getInt16(at, true),
  '<u4': (view, at) => view.getUint32(at, true),
  '<i4': (view, at) => view.getInt32(at, true),
  '<u8': (view, at) => Number(view.getBigUint64(at, true)),
  '<i8': (view, at) => Number(view.getBigInt64(at, true)),
};

/** What the header of a `.npy` file says, and where its numbers begin. */
export interface NpyHeader extends Omit<NpyArray, 'data'> {
  readonly start: number;
}

/** More is no header. */
export const MAX_NPY_HEADER: number = 2 ** 16 + 12;

/**
 * Reads the header at the beginning of `bytes`, of a file of `total` bytes. Throws a `DataError` as `parseNpy` does.
 *
 * @param bytes all of the file, or at least its first `MAX_NPY_HEADER`
 */
export function readNpyHeader(bytes: Uint8Array, total: number, name: string): NpyHeader {
  const magic = [0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59];
  const major = bytes[6] ?? 0;
  if (magic.some((byte, at) => bytes[at] !== byte) || major < 1 || major > 3) {
    throw new DataError('bad-format', `${name} does not begin like a .npy file; write it with numpy.save.`);
  }
  const prefix = major === 1 ? 10 : 12;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const start = bytes.length < prefix ? Infinity : prefix + (major === 1 ? view.getUint16(8, true) : view.getUint32(8, true));
  if (start > bytes.length) throw new DataError('truncated', `${name} ends inside its header; download or copy it again.`);
  const header = new TextDecoder().decode(bytes.subarray(prefix, start));
  const descr = /'descr': *'([^']*)'/.exec(header)?.[1];
  const order = /'fortran_order': *(True|False)/.exec(header)?.[1];
  const extents = /'shape': *\(([\d, ]*)\)/.exec(header)?.[1];
  const width = /^[|<>=][biufc](\d{1,2})$/.exec(descr ?? '')?.[1];
  if (descr === undefined || order === undefined || extents === undefined || width === undefined) {
    throw new DataError('bad-format', `${name} has the header ${header.trim().slice(0, 200)}; only plain arrays of numbers are read.`);
  }
  if (order === 'True') {
    throw new DataError('bad-format', `${name} is in Fortran order; save numpy.ascontiguousarray(array) instead.`);
  }
  const shape = extents.split(',').filter((extent) => extent.trim() !== '').map(Number);
  if (!shape.every((extent) => Number.isSafeInteger(extent))) throw new DataError('bad-format', `${name} claims the shape ${extents}; it is damaged.`);
  const size = shape.reduce((product, extent) => product * extent, Number(width));
  const held = total - start;
  if (size > held) {
    throw new DataError('truncated', `${name} declares ${shape.join('×')} of ${descr} = ${size} bytes but holds ${held}; download or copy it again.`);
  }
  if (size < held) throw new DataError('bad-format', `${name} declares ${size} bytes but holds ${held}; it is damaged or no .npy file.`);
  return { shape, descr, start };
}

/**
 * Reads a `.npy` file, format versions 1 to 3. `data` is a view of `bytes`.
 *
 * @param name what to call the file in errors
 * @throws DataError `bad-format` when it is no such file, is in Fortran order or has objects or records, `truncated` when it is
 * shorter than its header says
 * @see https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html
 */
export function parseNpy(bytes: Uint8Array, name: string = 'The .npy file'): NpyArray {
  const { shape, descr, start } = readNpyHeader(bytes, bytes.length, name);
  return { shape, descr, data: bytes.subarray(start) };
}

/** `[count]` whole numbers ≥ 0 as labels. */
export function npyLabels({ shape, descr, data }: NpyArray, name: string): Labels {
  const read = WHOLE[descr];
  if (!read || shape.length !== 1) {
    throw new DataError('bad-format', `${name} has labels [${shape.join(', ')}] of ${descr}; give one whole number per image.`);
  }
  const view = new DataView(data.buffer, data.byteOffset, data.byteLength);
  const width = Number(descr.slice(2));
  const labels = new Int32Array(shape[0]!);
  for (let at = 0; at < labels.length; at++) {
    const label = read(view, at * width);
    if (!(label >= 0 && label < 2 ** 31)) throw new DataError('mismatch', `${name} has the label ${label} at index ${at}; labels are 0 or more.`);
    labels[at] = label;
  }
  return labels;
}

/** What `npySource` takes. */
export interface NpySourceOptions {
  /** `[count, height, width]` or `[count, height, width, channels]` of unsigned bytes. */
  readonly images: NpyArray;
  /** `[count]` whole numbers. */
  readonly labels?: NpyArray | undefined;
  readonly name: string;
  readonly classes?: readonly string[] | undefined;
}

/** The images that an array is of. Throws a `DataError` `bad-format` when it is of none. */
export function npyImageShape({ shape, descr }: Pick<NpyArray, 'shape' | 'descr'>, name: string): { readonly count: number; readonly height: number; readonly width: number; readonly channels: number } {
  const [count = 0, height = 0, width = 0, channels = 1] = shape;
  if (descr !== '|u1' || (shape.length !== 3 && shape.length !== 4)) {
    const message = `${name} is [${shape.join(', ')}] of ${descr}; images are [count, height, width] or [count, height, width, channels] of uint8 (|u1).`;
    throw new DataError('bad-format', message);
  }
  // The order that other frameworks save in; with it every image would be noise.
  if (channels > 4 && height <= 4) {
    const message = `${name} is [${shape.join(', ')}], which looks like channels first; save array.transpose(0, 2, 3, 1) made contiguous.`;
    throw new DataError('bad-format', message);
  }
  if (count * height * width * channels === 0) throw new DataError('bad-format', `${name} is [${shape.join(', ')}], without a pixel; give one with images.`);
  return { count, height, width, channels };
}

/**
 * A source of images from a parsed `.npy` file.
 *
 * @throws DataError `bad-format` on another shape or number type, `mismatch` when there are not as many labels as images
 */
export function npySource({ images, labels, name, classes }: NpySourceOptions): ImageSource {
  const { height, width, channels } = npyImageShape(images, name);
  return arraySource({ images: images.data, height, width, channels, labels: labels && npyLabels(labels, name), classes, name });
}
