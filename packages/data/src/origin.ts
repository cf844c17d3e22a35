import type { ArraySourceOptions } from './array-source.ts';
import type { FilePlace } from './byte-file.ts';
import type { DecodeOptions } from './decode-image.ts';
import type { Image, ImageSize } from './image.ts';
import type { PackedStrings } from './packed-strings.ts';

/** A call that every thread can make for itself: `(await import(module))[export](...args)`. */
export interface ModuleCall {
  /** An absolute URL of a JavaScript module, such as `import.meta.resolve('@selfsup/augment')`. */
  readonly module: string;
  /** The name of a function that the module exports. */
  readonly export: string;
  /** Plain data: what `structuredClone` copies. Default none. */
  readonly args?: readonly unknown[] | undefined;
}

/** How another thread gets the same images: plain data. */
export type SourceOrigin =
  | { readonly kind: 'array'; readonly options: ArraySourceOptions }
  | { readonly kind: 'files'; readonly files: ImageFiles }
  | { readonly kind: 'ranges'; readonly ranges: ImageRanges }
  | { readonly kind: 'rows'; readonly rows: PixelRows }
  | { readonly kind: 'parquet'; readonly parquet: ParquetImages }
  | { readonly kind: 'subset'; readonly of: SourceOrigin; readonly indices: Uint32Array }
  | { readonly kind: 'cached'; readonly of: SourceOrigin; readonly arena: PixelArena; readonly channels: number }
  /** For a source of your own: the call answers it, at once or as a promise. */
  | { readonly kind: 'module'; readonly call: ModuleCall };

/** Decoded pixels that threads share and fill as they read. */
export interface PixelArena {
  readonly pixels: Uint8Array;
  /** By image: where its pixels are in units of 16 bytes, plus one; 0 while they are nowhere. */
  readonly place: Int32Array;
  /** By image: height · 2^16 + width. */
  readonly shape: Uint32Array;
  /** How many units are taken. */
  readonly used: Int32Array;
}

/** Image files and how they are decoded. */
export interface ImageFiles {
  readonly name: string;
  /** Where to read them. */
  readonly files: PackedStrings;
  /** What to call them in errors. */
  readonly paths: PackedStrings;
  readonly decode: DecodeOptions;
  /** What every image must have, or null when sizes may vary. */
  readonly size: ImageSize | null;
}

/** Encoded images inside larger files, and how they are decoded. */
export interface ImageRanges {
  readonly name: string;
  readonly files: readonly FilePlace[];
  /** By image: its file, where the headers that name it begin, where it begins, and its length. */
  readonly file: Uint32Array;
  readonly header: Float64Array;
  readonly offset: Float64Array;
  readonly bytes: Float64Array;
  readonly decode: DecodeOptions;
  /** What every image must have, or null when sizes may vary. */
  readonly size: ImageSize | null;
}

/** Images as pixels, one after another in a file. */
export interface PixelRows {
  readonly name: string;
  readonly file: FilePlace;
  /** Where the first image begins. */
  readonly start: number;
  readonly length: number;
  readonly height: number;
  readonly width: number;
  readonly channels: number;
}

/** Encoded images in a column of Parquet files, and how they are decoded. */
export interface ParquetImages {
  readonly name: string;
  readonly files: readonly FilePlace[];
  readonly column: string;
  /** In order: the file, the first row in it, the index of that image in the source, and how many rows. */
  readonly groups: readonly { readonly file: number; readonly start: number; readonly first: number; readonly rows: number }[];
  readonly length: number;
  readonly cacheBytes: number;
  readonly decode: DecodeOptions;
  /** What every image must have, or null when sizes may vary. */
  readonly size: ImageSize | null;
}

/** Reads one image. In-memory sources answer at once, files answer with a promise. */
export interface ReadImage {
  (index: number): Image | Promise<Image>;
  /** Lets worker threads read the same images. It belongs to this function, so that replacing `read` drops it. */
  readonly origin?: SourceOrigin | undefined;
}
