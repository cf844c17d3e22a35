import type { ImageSource, StreamSource } from '@selfsup/data';
import { renderAll, subset } from '@selfsup/data';
import type { ReportImages } from '@selfsup/eval';
import type { Data } from './data.ts';
import { rendererOf } from './geometry.ts';
import type { Preprocessing } from './geometry.ts';

/** Images of the map at most, and bytes of all of them: more would make the file large and the map a blot. */
const mostImages = 2000;
const mostBytes = 8 * 2 ** 20;
/** Sides of larger images are shown so long, in pixels. */
const longestSide = 48;

/** The images that the report shows: test images where there are any. */
export function mappedSource({ train, test }: Data): ImageSource | StreamSource {
  return test ?? train;
}

/** How many of them it shows, from the first. */
export function mapSize({ length, channels }: ImageSource | StreamSource, { size }: Preprocessing): number {
  const side = Math.min(size, longestSide);
  return Math.min(length, mostImages, Math.floor(mostBytes / (side * side * channels)));
}

/** Images as the encoder sees them, but for normalisation, small. */
export async function thumbnails(source: ImageSource, indices: readonly number[], preprocessing: Preprocessing): Promise<ReportImages> {
  const { size, channels, resizeShorter } = preprocessing;
  const side = Math.min(size, longestSide);
  const shorter = resizeShorter ?? size;
  const renderer = rendererOf({
    size: side,
    channels,
    resizeShorter: resizeShorter === null && side === size ? null : Math.round((shorter * side) / size),
    normalize: null,
  });
  const { data } = await renderAll(subset(source, indices), renderer);
  return { width: side, height: side, channels, data: Uint8Array.from(data, (value) => Math.round(255 * value)) };
}
