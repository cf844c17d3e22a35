import { EvalError } from '../error.ts';
import type { ReportData, ReportImages } from './report-data.ts';

/** Throws EvalError unless every index of the report points at something. */
export function checkReport({ images, labels, classes, methods }: ReportData): void {
  const count = images ? countImages(images) : Infinity;
  if (images && labels && labels.length !== count) {
    throw new EvalError('mismatch', `labels has ${labels.length} entries for ${count} images; give one label per image.`);
  }
  for (let i = 0; i < (labels?.length ?? 0); i++) {
    const label = labels![i]!;
    if (!Number.isInteger(label) || label < 0 || (classes && label >= classes.length)) {
      throw new EvalError('mismatch', `labels holds ${label} at ${i}, which names none of the classes; give whole numbers from 0.`);
    }
  }
  for (const { name, map, neighbours } of methods) {
    const known = Math.min(count, labels?.length ?? Infinity);
    if (map && map.length > known) {
      throw new EvalError('mismatch', `The map of ${name} has ${map.length} points for ${known} images; point i belongs to image i.`);
    }
    const outside = neighbours
      ?.flatMap((strip) => [strip.query, ...strip.neighbours])
      .find((index) => !Number.isInteger(index) || index < 0 || index >= known);
    if (outside !== undefined) {
      throw new EvalError('mismatch', `The neighbours of ${name} name image ${outside}, but there are ${known}; index the pool of images.`);
    }
  }
}

/** How many images the pool holds. */
export function countImages({ width, height, channels, data }: ReportImages): number {
  const size = width * height * channels;
  if (!(size > 0) || channels > 4 || !Number.isInteger(data.length / size)) {
    throw new EvalError(
      'mismatch',
      `images has ${data.length} bytes, which are not images of ${height}×${width}×${channels} bytes with 1 to 4 channels.`,
    );
  }
  return data.length / size;
}
