import { arraySource } from './array-source.ts';
import { DataError } from './error.ts';
import type { ImageSource } from './image.ts';

const SIDE = 32;
const PLANE: number = SIDE * SIDE;

/** The classes of CIFAR-10 by label. */
export const CIFAR10_CLASSES: readonly string[] = [
  'airplane', 'automobile', 'bird', 'cat', 'deer', 'dog', 'frog', 'horse', 'ship', 'truck',
];

/** What `cifarSource` takes. */
export interface CifarSourceOptions {
  /** The contents of the binary files, in order. */
  readonly files: readonly Uint8Array[];
  /** CIFAR-100 has a coarse label before the fine one; the fine label is kept. */
  readonly format: 'cifar10' | 'cifar100';
  readonly name: string;
  /** Names of the classes by label. Default: those of CIFAR-10, none for CIFAR-100. */
  readonly classes?: readonly string[] | undefined;
}

/** Copies one record's red, green and blue planes into interleaved pixels. */
function interleave(planes: Uint8Array, out: Uint8Array): void {
  for (let pixel = 0; pixel < PLANE; pixel++) {
    out[3 * pixel] = planes[pixel]!;
    out[3 * pixel + 1] = planes[PLANE + pixel]!;
    out[3 * pixel + 2] = planes[2 * PLANE + pixel]!;
  }
}

/**
 * 32×32 RGB images from files of the binary version of CIFAR-10 (`data_batch_1.bin`) or CIFAR-100 (`train.bin`): per
 * record 1 or 2 label bytes, then 1024 bytes each of red, green and blue. Pixels are reordered to HWC.
 *
 * @throws DataError `truncated` when a file is not a whole number of records, `mismatch` when a label is out of range
 * @see https://www.cs.toronto.edu/~kriz/cifar.html
 */
export function cifarSource({ files, format, name, classes }: CifarSourceOptions): ImageSource {
  const labelBytes = format === 'cifar10' ? 1 : 2;
  const record = labelBytes + 3 * PLANE;
  for (const file of files) {
    if (file.length > 0 && file.length % record === 0) continue;
    const message =
      `${name} has a file of ${file.length} bytes, which is not one or more records of ${record} bytes; ` +
      `use the binary version of ${format}, and download it again if it is that.`;
    throw new DataError('truncated', message);
  }
  const count = files.reduce((sum, file) => sum + file.length / record, 0);
  const images = new Uint8Array(count * 3 * PLANE);
  const labels = new Uint8Array(count);
  let at = 0;
  for (const file of files) {
    for (let start = 0; start < file.length; start += record, at++) {
      labels[at] = file[start + labelBytes - 1]!;
      interleave(file.subarray(start + labelBytes, start + record), images.subarray(at * 3 * PLANE, (at + 1) * 3 * PLANE));
    }
  }
  // Labels above 99 mean that the file is no CIFAR-100, whether or not the names are known.
  const strange = labels.findIndex((label) => label >= (format === 'cifar10' ? 10 : 100));
  if (strange >= 0) {
    throw new DataError('mismatch', `${name} has the label ${labels[strange]} at index ${strange}; it is not the binary version of ${format}.`);
  }
  const named = classes ?? (format === 'cifar10' ? CIFAR10_CLASSES : null);
  return arraySource({ images, height: SIDE, width: SIDE, channels: 3, labels, classes: named, name });
}
