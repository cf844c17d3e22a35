import { fashionMnistStatistics } from '../statistics.ts';
import { barlowTwinsCifar } from './barlow-twins.ts';
import { byolCifar } from './byol.ts';
import type { PresetOptions, ViewPair } from './color-views.ts';
import { dinoCifar } from './dino.ts';
import { mocoV2Cifar, mocoV3Cifar } from './moco.ts';
import type { MultiCropPresetOptions, MultiCropViews } from './multi-crop.ts';
import { simclrCifar } from './simclr.ts';
import { simsiamCifar } from './simsiam.ts';
import { swavCifar } from './swav.ts';
import { vicregCifar } from './vicreg.ts';

// The papers have no recipes for images of one channel. These are their recipes for CIFAR, at 28 pixels, without the parts that
// mean nothing there: saturation, hue and grayscale. `normalize` is Fashion-MNIST's. Digits and letters: `flipProbability: 0`.

const jitterBy = (strength: number): NonNullable<PresetOptions['jitter']> => ({ brightness: strength, contrast: strength });

const withoutColor = (name: string, strength = 0.4): PresetOptions => ({
  name,
  size: 28,
  channels: 1,
  jitter: jitterBy(strength),
  grayscaleProbability: 0,
  normalize: fashionMnistStatistics,
});

/** BYOL's views without colour: `byolCifar` at 28 pixels, jitter .4/.4; solarize p 0 and .2. */
export function byolGrayscale(changes: PresetOptions = {}): ViewPair {
  return byolCifar({ ...withoutColor('byol-grayscale'), ...changes });
}

/** SimSiam's views without colour: `simsiamCifar` at 28 pixels, jitter .4/.4. */
export function simsiamGrayscale(changes: PresetOptions = {}): ViewPair {
  return simsiamCifar({ ...withoutColor('simsiam-grayscale'), ...changes });
}

/** SimCLR's views without colour: `simclrCifar` at 28 pixels, jitter .4/.4; values stay in [0, 1] as there. */
export function simclrGrayscale(changes: PresetOptions = {}): ViewPair {
  return simclrCifar({ ...withoutColor('simclr-grayscale'), normalize: undefined, ...changes });
}

/** MoCo v2's views without colour: `mocoV2Cifar` at 28 pixels, jitter .4/.4. */
export function mocoV2Grayscale(changes: PresetOptions = {}): ViewPair {
  return mocoV2Cifar({ ...withoutColor('moco-v2-grayscale'), ...changes });
}

/** MoCo v3's views without colour: `mocoV3Cifar` at 28 pixels, jitter .4/.4; solarize p 0 and .2. */
export function mocoV3Grayscale(changes: PresetOptions = {}): ViewPair {
  return mocoV3Cifar({ ...withoutColor('moco-v3-grayscale'), ...changes });
}

/** Barlow Twins' views without colour: `barlowTwinsCifar` at 28 pixels, jitter .4/.4; solarize p 0 and .2. */
export function barlowTwinsGrayscale(changes: PresetOptions = {}): ViewPair {
  return barlowTwinsCifar({ ...withoutColor('barlow-twins-grayscale'), ...changes });
}

/** VICReg's views without colour: `vicregCifar` at 28 pixels, jitter .4/.4; solarize p .1. */
export function vicregGrayscale(changes: PresetOptions = {}): ViewPair {
  return vicregCifar({ ...withoutColor('vicreg-grayscale'), ...changes });
}

/** SwAV's views without colour: `swavCifar` at 28 pixels, jitter .6/.6; 6 small views of 16 pixels, jitter .8/.8. */
export function swavGrayscale({ local, ...changes }: MultiCropPresetOptions = {}): MultiCropViews {
  return swavCifar({ ...withoutColor('swav-grayscale', 0.6), ...changes, local: { size: 16, jitter: jitterBy(0.8), ...local } });
}

/** DINO's views without colour: `dinoCifar` at 28 pixels, jitter .4/.4; no small views (`local: { views: 6 }` adds them, of 16 pixels). */
export function dinoGrayscale({ local, ...changes }: MultiCropPresetOptions = {}): MultiCropViews {
  return dinoCifar({ ...withoutColor('dino-grayscale'), ...changes, local: { size: 16, ...local } });
}
