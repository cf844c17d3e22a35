import * as augment from '@selfsup/augment';
import type { ViewPipeline } from '@selfsup/augment';
import { usageError } from '../error.ts';

/** Which images a published recipe is for. */
export type ImageKind = 'imagenet' | 'cifar' | 'grayscale';

export const imageKinds: readonly ImageKind[] = ['imagenet', 'cifar', 'grayscale'];

type Views = Readonly<Record<string, ViewPipeline>>;
type MakeViews = (changes: { readonly size: number }) => Views;

/** An object type of its own is no record, but its copy is. */
const pair = (make: (changes: augment.PresetOptions) => augment.ViewPair): MakeViews => (changes) => ({ ...make(changes) });

/** The small views of multi-crop in proportion: a preset's own are for its own size. */
const inProportion = (make: (changes: augment.MultiCropPresetOptions) => Views, own: number, small: number): MakeViews => ({ size }) =>
  make({ size, local: { size: Math.max(1, Math.round((small * size) / own)) } });

/** The published views by method. */
const methods: Readonly<Record<string, Readonly<Record<ImageKind, MakeViews>>>> = {
  byol: { imagenet: pair(augment.byolImageNet), cifar: pair(augment.byolCifar), grayscale: pair(augment.byolGrayscale) },
  simsiam: { imagenet: pair(augment.simsiamImageNet), cifar: pair(augment.simsiamCifar), grayscale: pair(augment.simsiamGrayscale) },
  simclr: { imagenet: pair(augment.simclrImageNet), cifar: pair(augment.simclrCifar), grayscale: pair(augment.simclrGrayscale) },
  moco: { imagenet: pair(augment.mocoV2ImageNet), cifar: pair(augment.mocoV2Cifar), grayscale: pair(augment.mocoV2Grayscale) },
  'moco-v3': { imagenet: pair(augment.mocoV3ImageNet), cifar: pair(augment.mocoV3Cifar), grayscale: pair(augment.mocoV3Grayscale) },
  swav: {
    imagenet: inProportion(augment.swavImageNet, 224, 96),
    cifar: inProportion(augment.swavCifar, 32, 18),
    grayscale: inProportion(augment.swavGrayscale, 28, 16),
  },
  dino: {
    imagenet: inProportion(augment.dinoImageNet, 224, 96),
    cifar: inProportion(augment.dinoCifar, 32, 18),
    grayscale: inProportion(augment.dinoGrayscale, 28, 16),
  },
  vicreg: { imagenet: pair(augment.vicregImageNet), cifar: pair(augment.vicregCifar), grayscale: pair(augment.vicregGrayscale) },
  'barlow-twins': { imagenet: pair(augment.barlowTwinsImageNet), cifar: pair(augment.barlowTwinsCifar), grayscale: pair(augment.barlowTwinsGrayscale) },
};

export const viewMethods: readonly string[] = Object.keys(methods);

/** @throws CliError (2) naming what there is */
export function publishedViews(method: string, kind: ImageKind, size: number): Views {
  const found = methods[method];
  if (!found) throw usageError(`There are no views of a method "${method}"; choose one of ${viewMethods.join(', ')}.`);
  return found[kind]({ size });
}

/** @throws CliError (2) */
export function parseImageKind(text: string): ImageKind {
  const found = imageKinds.find((kind) => kind === text);
  if (!found) throw usageError(`The preset "${text}" is not known; choose one of ${imageKinds.join(', ')}.`);
  return found;
}
