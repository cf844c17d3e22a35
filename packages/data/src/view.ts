import type { Image } from './image.ts';

/** Names one rendering. The same key gives the same pixels, whatever the batch size, order or number of workers. */
export interface ViewKey {
  readonly seed: number;
  readonly epoch: number;
  /** Of the image in its source. */
  readonly index: number;
  /** Position of the view among the views of its batch, from 0. */
  readonly view: number;
}

/** Turns a decoded image into the numbers that a network reads. Augmentation pipelines have this shape. */
export interface ViewRenderer {
  readonly height: number;
  readonly width: number;
  readonly channels: number;
  /** Writes all `height · width · channels` entries of `out`, HWC. A pure function of image and key. */
  readonly render: (image: Image, key: ViewKey, out: Float32Array) => void;
}

/** Rendered images of one view: `data` is `shape` in row-major order, ready for `tensor4d(data, shape)`. */
export interface RenderedImages {
  readonly data: Float32Array;
  /** `[batch, height, width, channels]` */
  readonly shape: [batch: number, height: number, width: number, channels: number];
}

/** One batch: the same images once per view. It has no labels. */
export interface ViewBatch<Name extends string = string> {
  readonly views: Readonly<Record<Name, RenderedImages>>;
  /** The images' indices in the source. */
  readonly indices: Int32Array;
}

/** The batches of a training, epoch by epoch. */
export interface ViewBatches<Name extends string = string> {
  readonly stepsPerEpoch: number;
  readonly batchSize: number;
  /**
   * The batches of one epoch, counted from 0. With `fromStep` the first that many are left out, and the rest are the
   * same bits as without it: that is how training resumes.
   */
  readonly epoch: (epoch: number, fromStep?: number) => AsyncIterable<ViewBatch<Name>>;
}
