import { readImage, type BatchRequest, type RenderedSource } from './batch-request.ts';
import { counted } from './counted.ts';
import { DataError } from './error.ts';
import type { Image, ImageSource } from './image.ts';
import { createPace, inLanes, type Pace } from './lanes.ts';
import { isUnreadable, skippedImage, type SkippedImage } from './skip.ts';
import type { SpareArrays } from './spare-arrays.ts';
import type { RenderedImages, ViewRenderer } from './view.ts';

/** What `renderBatch` takes. */
export interface RenderBatchOptions {
  readonly source: RenderedSource;
  /** A view's number in its key is its position here. */
  readonly renderers: readonly ViewRenderer[];
  readonly request: BatchRequest;
  readonly seed: number;
  /** Leave out images that cannot be decoded. */
  readonly skip: boolean;
  /** The same for all batches of a reader. */
  readonly pace: Pace;
  /** Memory to render into, by view, where it has the right size. */
  readonly spare: readonly ArrayBuffer[];
}

/** One batch of every view. */
export interface RenderedBatch {
  /** By view. */
  readonly rendered: readonly RenderedImages[];
  /** The images that are in it. */
  readonly indices: Int32Array;
  readonly skipped: readonly SkippedImage[];
}

/** Throws a `DataError` when `renderer` cannot take the images of `source`. */
export function checkRenderer(source: Pick<ImageSource, 'name' | 'channels'>, renderer: ViewRenderer, label: string): void {
  const { height, width, channels } = renderer;
  if (![height, width, channels].every((extent) => Number.isSafeInteger(extent) && extent > 0)) {
    const message = `${label} renders ${height}×${width}×${channels}; a renderer's height, width and channels are whole numbers of at least 1.`;
    throw new DataError('bad-option', message);
  }
  if (channels !== source.channels) {
    const message =
      `${label} renders ${counted(channels, 'channel')} but ${source.name} has ${source.channels}; ` +
      `use a pipeline for ${counted(source.channels, 'channel')}, or open the images with channels: ${channels}.`;
    throw new DataError('mismatch', message);
  }
}

function checkImage(source: RenderedSource, index: number, image: Image): void {
  const { data, width, height, channels } = image;
  const expected = source.size ?? image;
  const fits = channels === source.channels && height === expected.height && width === expected.width;
  if (!fits || data.length !== height * width * channels) {
    const wanted = `${expected.height}×${expected.width}×${source.channels}`;
    const message =
      `Image ${index} of ${source.name} is ${height}×${width}×${channels} with ${data.length} bytes, not ${wanted}; ` +
      `a source's read() answers images as its size and channels declare.`;
    throw new DataError('mismatch', message);
  }
}

function allocate(batch: number, { height, width, channels }: ViewRenderer, spare: ArrayBuffer | undefined): RenderedImages {
  const shape: RenderedImages['shape'] = [batch, height, width, channels];
  try {
    const length = batch * height * width * channels;
    return { data: spare?.byteLength === 4 * length ? new Float32Array(spare) : new Float32Array(length), shape };
  } catch (cause) {
    const message = `${shape.join('×')} floats do not fit in memory; use a smaller batch or smaller images.`;
    throw new DataError('too-large', message, { cause });
  }
}

/** The batch without the images at `gaps`. */
function close(images: RenderedImages, gaps: ReadonlySet<number>): RenderedImages {
  const [batch, height, width, channels] = images.shape;
  const stride = height * width * channels;
  let kept = 0;
  for (let position = 0; position < batch; position++) {
    if (gaps.has(position)) continue;
    images.data.copyWithin(kept * stride, position * stride, (position + 1) * stride);
    kept++;
  }
  return { data: images.data.subarray(0, kept * stride), shape: [kept, height, width, channels] };
}

/** Every image of the request through every renderer, and whether any had to be waited for. */
export async function renderBatch(options: RenderBatchOptions): Promise<RenderedBatch & { readonly waited: boolean }> {
  const { source, renderers, request, seed, skip, pace, spare } = options;
  const { indices, epoch } = request;
  const rendered = renderers.map((renderer, view) => allocate(indices.length, renderer, spare[view]));
  const strides = renderers.map(({ height, width, channels }) => height * width * channels);
  const gaps = new Map<number, SkippedImage>();
  let waited = false;

  const leaveOut = (position: number, error: unknown): void => {
    if (!skip || !isUnreadable(error)) throw error;
    gaps.set(position, skippedImage(indices[position]!, error, request.images?.[position]));
  };
  const render = (image: Image, position: number): void => {
    const index = indices[position]!;
    pace.saw(image.data.length);
    checkImage(source, index, image);
    renderers.forEach((renderer, view) => {
      const stride = strides[view]!;
      const out = rendered[view]!.data.subarray(position * stride, (position + 1) * stride);
      renderer.render(image, { seed, epoch, index, view }, out);
    });
  };
  const renderLater = async (reading: Promise<Image>, position: number): Promise<void> => {
    let image: Image;
    try {
      image = await reading;
    } catch (error) {
      return leaveOut(position, error);
    }
    render(image, position);
  };
  // Each image is rendered as soon as it is read, so at most as many decoded images are held as there are lanes: fewer of large ones.
  await inLanes(indices.length, (position) => {
    let reading: Image | Promise<Image>;
    try {
      reading = readImage(source, request, position);
    } catch (error) {
      return leaveOut(position, error);
    }
    if ('then' in reading) {
      waited = true;
      return renderLater(reading, position);
    }
    return render(reading, position);
  }, pace.lanes);
  if (gaps.size === 0) return { rendered, indices, skipped: [], waited };
  const positions = new Set(gaps.keys());
  const kept = indices.filter((_, position) => !gaps.has(position));
  return { rendered: rendered.map((images) => close(images, positions)), indices: kept, skipped: [...gaps.values()], waited };
}

/** Renders on this thread, as `deliver` wants it. */
export function renderHere({ spare, ...options }: Omit<RenderBatchOptions, 'request' | 'pace' | 'spare'> & { readonly spare: SpareArrays }): { readonly render: (request: BatchRequest) => Promise<RenderedBatch>; readonly prefetch: () => number } {
  // Sources in memory gain nothing from a head start: their views are rendered on this thread either way.
  let ahead = 0;
  const pace = createPace();
  const render = async (request: BatchRequest): Promise<RenderedBatch> => {
    const { waited, ...batch } = await renderBatch({ ...options, request, pace, spare: spare.take() });
    ahead = waited ? 1 : 0;
    return batch;
  };
  return { render, prefetch: () => ahead };
}
