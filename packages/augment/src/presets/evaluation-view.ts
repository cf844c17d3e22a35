import type { Interpolation } from '../canvas/filter.ts';
import { centerCrop } from '../ops/center-crop.ts';
import { resize } from '../ops/resize.ts';
import type { ChannelStatistics } from '../statistics.ts';
import { viewPipeline } from '../view-pipeline.ts';
import type { ViewPipeline } from '../view-pipeline.ts';

export interface EvaluationViewOptions {
  /** Side of the square result in pixels. */
  readonly size: number;
  readonly channels?: number;
  /** Resize the shorter side to this many pixels, then cut `size` × `size` out of the middle. ImageNet: 256 and 224. */
  readonly resizeShorter?: number | undefined;
  readonly interpolation?: Interpolation;
  /** The statistics that training used: `views.a.normalize`. */
  readonly normalize?: ChannelStatistics | undefined;
}

/**
 * The deterministic view on which features are evaluated. Without `resizeShorter` it only normalises (CIFAR and
 * Fashion-MNIST), and images must already be `size` × `size`. It draws nothing, so the key does not matter.
 *
 * @see torchvision's reference: `Resize(256)`, `CenterCrop(224)`
 */
export function evaluationView({
  size,
  channels = 3,
  resizeShorter,
  interpolation = 'bilinear',
  normalize,
}: EvaluationViewOptions): ViewPipeline {
  const ops = resizeShorter === undefined ? [] : [resize({ shorter: resizeShorter, interpolation }), centerCrop({ size })];
  return viewPipeline({ name: 'evaluation', size, channels, ops, normalize });
}
