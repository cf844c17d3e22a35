import { DataError } from './error.ts';
import type { Image, ImageSource } from './image.ts';
import type { PixelArena, ReadImage, SourceOrigin } from './origin.ts';
import { checkWhole } from './random.ts';

/** What `cachePixels` takes. */
export interface CachePixelsOptions {
  /** Bytes of pixels that are kept at most. Default 1 GiB. */
  readonly maxBytes?: number | undefined;
}

/** Pixels are placed at multiples of this, so that 32 bits count 64 GiB of them. */
const UNIT = 16;

/** Memory that threads share where the platform has it; pages are real only once something is written to them. */
function memory(bytes: number): ArrayBufferLike {
  try {
    return typeof SharedArrayBuffer === 'undefined' ? new ArrayBuffer(bytes) : new SharedArrayBuffer(bytes);
  } catch (cause) {
    throw new DataError('too-large', `A cache of ${bytes} bytes does not fit in memory; give a smaller maxBytes.`, { cause });
  }
}

function createArena({ length, channels, size }: ImageSource, maxBytes: number): PixelArena {
  const each = size ? Math.ceil((size.height * size.width * channels) / UNIT) * UNIT : Infinity;
  const units = Math.floor(Math.min(length * each, maxBytes) / UNIT);
  return { pixels: new Uint8Array(memory(units * UNIT)), place: new Int32Array(memory(4 * length)), shape: new Uint32Array(memory(4 * length)), used: new Int32Array(memory(4)) };
}

/** The pixels at `index`, or null when they are not there yet. */
function find({ pixels, place, shape }: PixelArena, channels: number, index: number): Image | null {
  // Written last, so what it points to is whole, whichever thread has written it.
  const at = Atomics.load(place, index);
  if (at === 0) return null;
  const height = shape[index]! >>> 16;
  const width = shape[index]! & 0xffff;
  const start = (at - 1) * UNIT;
  return { data: pixels.subarray(start, start + height * width * channels), height, width, channels };
}

/** Puts the image at the next free place, if there is enough left. Two threads may each keep one of the same image. */
function keep({ pixels, place, shape, used }: PixelArena, index: number, { data, height, width }: Image): void {
  const units = Math.ceil(data.length / UNIT);
  const total = pixels.length / UNIT;
  if (height > 0xffff || width > 0xffff) return;
  let at = Atomics.load(used, 0);
  for (;;) {
    if (at + units > total) return;
    const before = Atomics.compareExchange(used, 0, at, at + units);
    if (before === at) break;
    at = before;
  }
  pixels.set(data, at * UNIT);
  shape[index] = (height << 16) | width;
  Atomics.store(place, index, at + 1);
}

/** Reads through the arena. */
export function readCached(read: ReadImage, arena: PixelArena, channels: number): ReadImage {
  const remember = (image: Image, index: number): Image => {
    if (image.channels === channels && image.data.length === image.height * image.width * channels) keep(arena, index, image);
    return image;
  };
  const cached = (index: number): Image | Promise<Image> => {
    const known = find(arena, channels, index);
    if (known) return known;
    const image = read(index);
    return 'then' in image ? image.then((decoded) => remember(decoded, index)) : remember(image, index);
  };
  const of = read.origin;
  const origin: SourceOrigin | undefined = of && { kind: 'cached', of, arena, channels };
  return Object.assign(cached, { origin });
}

/**
 * The same source, keeping the pixels of the images that were read, so that later epochs decode nothing: of as many images as
 * `maxBytes` allow, the others are decoded each time. Worker threads share what they keep.
 *
 * Memory is taken as it fills: `height · width · channels` bytes an image. A source that is in memory already is answered as it is.
 *
 * @throws DataError `bad-option` unless `maxBytes` is a whole number, `too-large` when there is not so much memory
 */
export function cachePixels(source: ImageSource, { maxBytes = 2 ** 30 }: CachePixelsOptions = {}): ImageSource {
  checkWhole('maxBytes', maxBytes, 0);
  if (maxBytes < UNIT || isInMemory(source.read.origin)) return source;
  const arena = createArena(source, Math.min(maxBytes, 2 ** 31 * UNIT - UNIT));
  return { ...source, read: readCached(source.read, arena, source.channels) };
}

function isInMemory(origin: SourceOrigin | undefined): boolean {
  if (origin?.kind === 'subset') return isInMemory(origin.of);
  return origin?.kind === 'array' || origin?.kind === 'cached';
}
