import { colorViews } from './color-views.ts';
import type { PresetOptions, ViewPair } from './color-views.ts';

/** SimCLR's colour jitter at strength s: brightness, contrast and saturation .8·s, hue .2·s. */
const jitterOf = (s: number): NonNullable<PresetOptions['jitter']> => ({ brightness: 0.8 * s, contrast: 0.8 * s, saturation: 0.8 * s, hue: 0.2 * s });

/**
 * SimCLR's views, the same for both: crop (.08, 1) bicubic; flip .5; jitter .8/.8/.8/.2 in random order, p .8;
 * grayscale .2; blur σ ∈ [.1, 2], p .5; values stay in [0, 1], without statistics.
 *
 * Deviations: torchvision's formulas for colour (see `colorJitter`), mirrored borders for blur, and resizing that averages
 * where TensorFlow's does not.
 * @see Chen et al. 2020, https://arxiv.org/abs/2002.05709; google-research/simclr `data_util.py`
 */
export function simclrImageNet(changes: PresetOptions = {}): ViewPair {
  return colorViews({
    name: 'simclr-imagenet',
    size: 224,
    scale: [0.08, 1],
    interpolation: 'bicubic',
    flipProbability: 0.5,
    jitter: jitterOf(1),
    jitterProbability: 0.8,
    grayscaleProbability: 0.2,
    blurProbability: 0.5,
    blur: { sigma: [0.1, 2] },
    ...changes,
  });
}

/**
 * SimCLR's views for CIFAR: those of ImageNet at 32 pixels, jitter at half strength (.4/.4/.4/.1) and without blur.
 *
 * @see the paper, appendix B.9; google-research/simclr `README.md` (`--color_jitter_strength=0.5 --use_blur=False`)
 */
export function simclrCifar(changes: PresetOptions = {}): ViewPair {
  return simclrImageNet({ name: 'simclr-cifar', size: 32, jitter: jitterOf(0.5), blurProbability: 0, ...changes });
}
