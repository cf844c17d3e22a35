import { DataError } from './error.ts';
import type { Image, ImageSource, Labels } from './image.ts';
import type { SourceOrigin } from './origin.ts';
import { checkWhole } from './random.ts';

/** What `arraySource` takes. */
export interface ArraySourceOptions {
  /** `[count, height, width, channels]`, 0–255, the last axis fastest. Kept, not copied. */
  readonly images: Uint8Array;
  readonly height: number;
  readonly width: number;
  readonly channels: number;
  /** One whole number ≥ 0 per image. Kept, not copied. */
  readonly labels?: Labels | null | undefined;
  /** Names of the classes by label. */
  readonly classes?: readonly string[] | null | undefined;
  /** For logs and errors. Default `array`. */
  readonly name?: string | undefined;
}

/** Throws a `DataError` unless there is one label ≥ 0 per image, and a class name for each where there are names. */
export function checkLabels(name: string, count: number, labels: Labels | null, classes: readonly string[] | null): void {
  if (labels === null) return;
  if (labels.length !== count) {
    const message = `${name} has ${count} images but ${labels.length} labels; give one label per image, from the same split.`;
    throw new DataError('mismatch', message);
  }
  const limit = classes?.length ?? Infinity;
  const bad = labels.findIndex((label) => label < 0 || label >= limit);
  if (bad >= 0) {
    const range = classes ? `0 to ${limit - 1}, one per class` : '0 or more';
    throw new DataError('mismatch', `${name} has the label ${labels[bad]} at index ${bad}; labels are ${range}.`);
  }
}

/** Throws a `DataError` unless `index` is one of the source's. */
export function checkIndex(name: string, index: number, length: number): void {
  if (!Number.isInteger(index) || index < 0 || index >= length) {
    throw new DataError('out-of-range', `${name} has no image ${index}; its indices are 0 to ${length - 1}.`);
  }
}

/**
 * A source of your own pixels in memory.
 *
 * @throws DataError `bad-option` on a bad size, `mismatch` when pixels or labels do not divide into images
 */
export function arraySource(options: ArraySourceOptions): ImageSource {
  const { images, height, width, channels, labels = null, classes = null, name = 'array' } = options;
  checkWhole('height', height, 1);
  checkWhole('width', width, 1);
  checkWhole('channels', channels, 1);
  const pixels = height * width * channels;
  if (images.length === 0 || images.length % pixels !== 0) {
    const message = `${name} has ${images.length} bytes, which is not one or more images of ${height}×${width}×${channels} = ${pixels} bytes.`;
    throw new DataError('mismatch', message);
  }
  const length = images.length / pixels;
  checkLabels(name, length, labels, classes);
  const read = (index: number): Image => {
    checkIndex(name, index, length);
    return { data: images.subarray(index * pixels, (index + 1) * pixels), width, height, channels };
  };
  const origin: SourceOrigin = { kind: 'array', options: { images, height, width, channels, name } };
  return { name, length, channels, size: { height, width }, read: Object.assign(read, { origin }), labels, classes };
}
