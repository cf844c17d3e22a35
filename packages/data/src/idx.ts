import { arraySource } from './array-source.ts';
import { DataError } from './error.ts';
import type { ImageSource } from './image.ts';

/** The contents of an IDX file of unsigned bytes: `data` has `shape[0] · shape[1] · …` entries, the last axis fastest. */
export interface IdxArray {
  readonly shape: readonly number[];
  readonly data: Uint8Array;
}

/** Says what a file that is not IDX might be, from its first bytes. */
function describeStart(bytes: Uint8Array): string {
  if (bytes.length === 0) return 'is empty';
  if (bytes[0] === 0x1f && bytes[1] === 0x8b) return 'is still gzipped';
  const start = [...bytes.subarray(0, 4)].map((byte) => byte.toString(16).padStart(2, '0')).join(' ');
  return `begins with ${start}`;
}

/** What the header at the beginning of `bytes` says: the shape, and how many bytes header and data have together. */
export function readIdxHeader(bytes: Uint8Array, name: string): { readonly shape: readonly number[]; readonly header: number; readonly size: number } {
  const rank = bytes[3] ?? 0;
  if (bytes[0] !== 0 || bytes[1] !== 0 || bytes[2] !== 8 || rank === 0) {
    const message = `${name} ${describeStart(bytes)}; an IDX file of unsigned bytes begins with 00 00 08 and its number of axes: give one, or unpack or download this one again.`;
    throw new DataError('bad-format', message);
  }
  const header = 4 + 4 * rank;
  if (bytes.length < header) {
    throw new DataError('truncated', `${name} ends inside its header of ${header} bytes; download or copy it again.`);
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, header);
  const shape = Array.from({ length: rank }, (_, axis) => view.getUint32(4 + 4 * axis));
  return { shape, header, size: shape.reduce((product, extent) => product * extent, 1) };
}

/** The IDX array that begins at byte `from`, and where it ends. */
export function readIdx(bytes: Uint8Array, from: number, name: string): { readonly array: IdxArray; readonly end: number } {
  const rest = bytes.subarray(from);
  const { shape, header, size } = readIdxHeader(rest, name);
  // Compared before anything is sized by it: the header may claim up to 2^32 per axis.
  if (size > rest.length - header) {
    const claim = `${shape.join('×')} = ${size} bytes`;
    throw new DataError('truncated', `${name} declares ${claim} but holds ${rest.length - header}; download or copy it again.`);
  }
  return { array: { shape, data: rest.subarray(header, header + size) }, end: from + header + size };
}

/**
 * Reads an unpacked IDX file of unsigned bytes, the format of MNIST and its successors. `data` is a view of `bytes`.
 *
 * @param name what to call the file in errors
 * @throws DataError `bad-format` on a wrong magic number, another number type or bytes left over, `truncated` when the
 * file is shorter than its header says
 * @see http://yann.lecun.com/exdb/mnist/ — only type 0x08 (unsigned byte) is read; the image sets in use have no other
 */
export function parseIdx(bytes: Uint8Array, name: string = 'The IDX file'): IdxArray {
  const { array, end } = readIdx(bytes, 0, name);
  if (end !== bytes.length) {
    const message = `${name} declares ${array.shape.join('×')} but has ${bytes.length - end} bytes more; it is damaged or no IDX file.`;
    throw new DataError('bad-format', message);
  }
  return array;
}

/** What `idxSource` takes. */
export interface IdxSourceOptions {
  readonly images: IdxArray;
  readonly labels?: IdxArray | undefined;
  readonly name: string;
  readonly classes?: readonly string[] | undefined;
}

/**
 * A source of one-channel images from parsed IDX files: images `[count, height, width]`, labels `[count]`.
 *
 * @throws DataError `bad-format` on other numbers of axes, `mismatch` when there are not as many labels as images
 */
export function idxSource({ images, labels, name, classes }: IdxSourceOptions): ImageSource {
  const [count, height, width] = images.shape;
  if (images.shape.length !== 3 || count === undefined || height === undefined || width === undefined) {
    const message = `${name} has the shape ${images.shape.join('×')}; an IDX file of images has three axes, count×height×width.`;
    throw new DataError('bad-format', message);
  }
  if (labels && labels.shape.length !== 1) {
    const message = `The labels of ${name} have the shape ${labels.shape.join('×')}; an IDX file of labels has one axis.`;
    throw new DataError('bad-format', message);
  }
  return arraySource({ images: images.data, height, width, channels: 1, labels: labels?.data, classes, name });
}
