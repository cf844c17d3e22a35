import type { ReadImage } from './origin.ts';

/** A decoded image: `data[(y · width + x) · channels + c]`, 0–255. Readers never write to `data`, which may be shared. */
export interface Image {
  readonly data: Uint8Array;
  readonly width: number;
  readonly height: number;
  readonly channels: number;
}

/** Labels of a source, one whole number per image. */
export type Labels = Uint8Array | Int32Array;

/**
 * Images by index. Labels stand beside the images and never in them, so that what trains on images cannot see labels.
 */
export interface ImageSource {
  /** For logs and errors. */
  readonly name: string;
  readonly length: number;
  /** The same for every image. */
  readonly channels: number;
  /** The size of every image, or null when it varies. */
  readonly size: ImageSize | null;
  /** The image at `index`, 0 ≤ index < length. */
  readonly read: ReadImage;
  /** One label per image, or null when there are none. */
  readonly labels: Labels | null;
  /** Names of the classes by label, or null when unknown. */
  readonly classes: readonly string[] | null;
  /**
   * Which images are cheap to read one after another, such as those of one row group: where such runs begin, ascending from 0,
   * and of how many at a time the source keeps the contents. Shuffling then mixes so many runs at a time, and not the whole set.
   */
  readonly runs?: { readonly starts: Uint32Array; readonly together: number } | undefined;
  /** What was left out when the source was opened, a sentence each. */
  readonly skipped?: readonly string[] | undefined;
}

/** Pixels. */
export interface ImageSize {
  readonly height: number;
  readonly width: number;
}

/** What to train on and, where the data has it, what to evaluate on. */
export interface Splits {
  readonly train: ImageSource;
  readonly test: ImageSource | null;
}
