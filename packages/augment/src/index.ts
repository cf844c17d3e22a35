export type { AffineParams } from './affine.ts';
export { mixup } from './batch/mixup.ts';
export type { BatchOp, ImageBatch, MixupOptions, MixupParams } from './batch/mixup.ts';
export type { Canvas } from './canvas/canvas.ts';
export type { PaddingMode } from './canvas/crop.ts';
export type { Interpolation } from './canvas/filter.ts';
export type { Box } from './canvas/kernels.ts';
export type { HistogramCurve, Strokes } from './canvas/strokes.ts';
export type { AffineMatrix } from './canvas/warp-map.ts';
export type { WarpInterpolation } from './canvas/warp.ts';
export { compose, oneOf, randomOrder } from './combine/sequence.ts';
export type { Choice } from './combine/sequence.ts';
export { withProbability } from './combine/with-probability.ts';
export { AugmentError } from './error.ts';
export type { AugmentErrorCode } from './error.ts';
export type { Image, ImageSize, SizeOption } from './image.ts';
export type { Json } from './json.ts';
export { paintedOp } from './op.ts';
export type { AnyOp, Op, PaintedOp } from './op.ts';
export { autocontrast } from './ops/autocontrast.ts';
export type { AutocontrastParams } from './ops/autocontrast.ts';
export { centerCrop } from './ops/center-crop.ts';
export type { CenterCropOptions } from './ops/center-crop.ts';
export { colorJitter } from './ops/color-jitter.ts';
export type { Adjustment, ColorJitterOptions } from './ops/color-jitter.ts';
export { cutout } from './ops/cutout.ts';
export type { CutoutOptions } from './ops/cutout.ts';
export { equalize } from './ops/equalize.ts';
export type { EqualizeParams } from './ops/equalize.ts';
export { gaussianBlur } from './ops/gaussian-blur.ts';
export type { GaussianBlurOptions, GaussianBlurParams } from './ops/gaussian-blur.ts';
export { grayscale } from './ops/grayscale.ts';
export type { GrayscaleParams } from './ops/grayscale.ts';
export { invert } from './ops/invert.ts';
export type { InvertParams } from './ops/invert.ts';
export { posterize } from './ops/posterize.ts';
export type { PosterizeOptions, PosterizeParams } from './ops/posterize.ts';
export { randomAffine } from './ops/random-affine.ts';
export type { RandomAffineOptions } from './ops/random-affine.ts';
export { randomCrop } from './ops/random-crop.ts';
export type { RandomCropOptions } from './ops/random-crop.ts';
export { randomErasing } from './ops/random-erasing.ts';
export type { ErasingParams, RandomErasingOptions } from './ops/random-erasing.ts';
export { randomFlip } from './ops/random-flip.ts';
export type { FlipParams, RandomFlipOptions } from './ops/random-flip.ts';
export { randomResizedCrop } from './ops/random-resized-crop.ts';
export type { RandomResizedCropOptions } from './ops/random-resized-crop.ts';
export { randomRotation } from './ops/random-rotation.ts';
export type { RandomRotationOptions, RotationParams } from './ops/random-rotation.ts';
export { resize } from './ops/resize.ts';
export type { ResizeOptions, ResizeParams } from './ops/resize.ts';
export { sharpness } from './ops/sharpness.ts';
export type { SharpnessOptions, SharpnessParams } from './ops/sharpness.ts';
export { solarize } from './ops/solarize.ts';
export type { SolarizeOptions, SolarizeParams } from './ops/solarize.ts';
export type { Fill, Range } from './options.ts';
export { barlowTwinsCifar, barlowTwinsImageNet } from './presets/barlow-twins.ts';
export { byolCifar, byolImageNet } from './presets/byol.ts';
export { colorView } from './presets/color-view.ts';
export type { ColorViewOptions } from './presets/color-view.ts';
export { colorViews } from './presets/color-views.ts';
export type { ColorViewsOptions, PerView, PresetOptions, ViewPair } from './presets/color-views.ts';
export { dinoCifar, dinoImageNet } from './presets/dino.ts';
export { evaluationView } from './presets/evaluation-view.ts';
export type { EvaluationViewOptions } from './presets/evaluation-view.ts';
export { grayscaleMultiCrop, grayscaleViews } from './presets/grayscale-views.ts';
export type { GrayscaleMultiCropOptions, GrayscaleViewsOptions } from './presets/grayscale-views.ts';
export { mocoV2Cifar, mocoV2ImageNet, mocoV3Cifar, mocoV3ImageNet } from './presets/moco.ts';
export { multiCropViews } from './presets/multi-crop.ts';
export type { LocalViewOptions, MultiCropOptions, MultiCropPresetOptions, MultiCropViews } from './presets/multi-crop.ts';
export { simclrCifar, simclrImageNet } from './presets/simclr.ts';
export { simsiamCifar, simsiamImageNet } from './presets/simsiam.ts';
export { swavCifar, swavImageNet } from './presets/swav.ts';
export { vicregCifar, vicregImageNet } from './presets/vicreg.ts';
export {
  barlowTwinsGrayscale,
  byolGrayscale,
  dinoGrayscale,
  mocoV2Grayscale,
  mocoV3Grayscale,
  simclrGrayscale,
  simsiamGrayscale,
  swavGrayscale,
  vicregGrayscale,
} from './presets/without-color.ts';
export { rngFor } from './rng.ts';
export type { Rng } from './rng.ts';
export { cifar10Statistics, fashionMnistStatistics, imageNetStatistics } from './statistics.ts';
export type { ChannelStatistics } from './statistics.ts';
export { viewPipeline } from './view-pipeline.ts';
export type { OpParameters, ViewKey, ViewParameters, ViewPipeline, ViewPipelineOptions } from './view-pipeline.ts';
