export { arraySource, type ArraySourceOptions } from './array-source.ts';
export type { BatchOptions } from './batch-plan.ts';
export { CIFAR10_CLASSES, cifarSource, type CifarSourceOptions } from './cifar.ts';
export { DataError, type DataErrorCode } from './error.ts';
export { evalBatches, renderAll, type EvalBatch } from './eval-batches.ts';
export { gunzip } from './gunzip.ts';
export { idxSource, parseIdx, type IdxArray, type IdxSourceOptions } from './idx.ts';
export type { Image, ImageSize, ImageSource, Labels, Splits } from './image.ts';
export { npySource, parseNpy, type NpyArray, type NpySourceOptions } from './npy.ts';
export type { ImageFiles, ImageRanges, ModuleCall, ParquetImages, PixelArena, PixelRows, ReadImage, SourceOrigin } from './origin.ts';
export { cachePixels, type CachePixelsOptions } from './pixel-cache.ts';
export { decodeSample, FASHION_MNIST_CLASSES, fetchSample, type SampleSplits } from './sample.ts';
export type { SkippedImage, SkipOptions, SkipReport } from './skip.ts';
export {
  streamSource,
  type DecodeEncoded,
  type EncodedImage,
  type StreamedImage,
  type StreamSource,
  type StreamSourceOptions,
} from './stream.ts';
export { fraction, ofClasses, subset, take } from './subset.ts';
export { viewBatches, type ViewBatchesOptions } from './view-batches.ts';
export type { RenderedImages, ViewBatch, ViewBatches, ViewKey, ViewRenderer } from './view.ts';
