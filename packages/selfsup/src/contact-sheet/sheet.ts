import type { Image, ViewKey, ViewParameters, ViewPipeline } from '@selfsup/augment';
import type { ImageSource } from '@selfsup/data';
import { paramsInWords, recipeInWords } from './words.ts';

/** A view as it stands on a sheet. */
export interface ShownView {
  /** Of the view: `a`, `global1`. */
  readonly name: string;
  readonly key: ViewKey;
  /** What was drawn, which `pipeline.replay` and `pipeline.apply` take. */
  readonly params: ViewParameters;
  /** The same for people, op by op. */
  readonly words: readonly string[];
  /** Where in the original it was cut out, or null where that cannot be said. */
  readonly crop: Crop | null;
  readonly image: Image;
}

/** Pixels of the original. */
export interface Crop {
  readonly top: number;
  readonly left: number;
  readonly height: number;
  readonly width: number;
}

/** An image and its views. */
export interface ShownImage {
  readonly index: number;
  readonly image: Image;
  readonly views: readonly ShownView[];
}

/** Originals and their views, with what was drawn. */
export interface Sheet {
  readonly title: string;
  readonly subtitle: string;
  /** What the views do: those that do the same are named together. */
  readonly recipes: readonly { readonly names: readonly string[]; readonly size: string; readonly words: readonly string[] }[];
  readonly images: readonly ShownImage[];
}

export interface SheetOptions {
  readonly title: string;
  readonly subtitle: string;
  readonly source: ImageSource;
  readonly views: Readonly<Record<string, ViewPipeline>>;
  readonly indices: readonly number[];
  readonly seed: number;
  /** Which epochs' draws. */
  readonly epochs: readonly number[];
}

/** Renders the views that a training would see. */
export async function makeSheet({ title, subtitle, source, views, indices, seed, epochs }: SheetOptions): Promise<Sheet> {
  const images: ShownImage[] = [];
  for (const index of indices) {
    const image = await source.read(index);
    const shown = epochs.flatMap((epoch) =>
      Object.entries(views).map(([name, pipeline], view): ShownView => {
        const key = { seed, epoch, index, view };
        const params = pipeline.sample(image, key);
        return { name, key, params, words: paramsInWords(pipeline, params), crop: cropOf(params), image: pipeline.apply(image, params) };
      }),
    );
    images.push({ index, image, views: shown });
  }
  return { title, subtitle, recipes: recipesOf(views), images };
}

function recipesOf(views: Readonly<Record<string, ViewPipeline>>): Sheet['recipes'] {
  const groups = new Map<string, { names: string[]; size: string; words: readonly string[] }>();
  for (const [name, pipeline] of Object.entries(views)) {
    const words = recipeInWords(pipeline);
    const size = `${pipeline.height}×${pipeline.width}`;
    const same = JSON.stringify([size, words]);
    const group = groups.get(same) ?? { names: [], size, words };
    group.names.push(name);
    groups.set(same, group);
  }
  return [...groups.values()];
}

/** The part of the original that the first op cut out. */
function cropOf([first]: ViewParameters): Crop | null {
  return first?.op === 'randomResizedCrop' && first.params !== null ? (first.params as unknown as Crop) : null;
}
