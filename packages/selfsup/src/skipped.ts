import type { SkippedImage, SkipReport } from '@selfsup/data';
import type { Data } from './data.ts';
import { isIndexed } from './data.ts';
import type { Reporter } from './reporter.ts';

/** Images named at most; the rest is counted. */
const named = 20;

/** Keeps what was left out of the images, to tell it once, at the end. */
export interface SkipLog {
  readonly onSkipped: (report: SkipReport) => void;
  readonly tell: (reporter: Reporter, data: Pick<Data, 'train' | 'test'>) => void;
}

export function createSkipLog(): SkipLog {
  const bySource = new Map<string, { readonly length: number; readonly images: Map<number | string, SkippedImage> }>();
  return {
    onSkipped: ({ source, length, skipped }) => {
      const known = bySource.get(source) ?? { length, images: new Map<number | string, SkippedImage>() };
      bySource.set(source, known);
      for (const image of skipped) known.images.set(image.name ?? image.index, image);
    },
    tell: (reporter, { train, test }) => {
      for (const source of [train, test]) {
        // What was no use when the set was opened, and then what could not be decoded.
        const entries = source && isIndexed(source) ? (source.skipped ?? []) : [];
        if (source && entries.length > 0) reporter.warn(list(`${entries.length} of the entries of ${source.name} were left out`, entries));
      }
      for (const [name, { length, images }] of bySource) {
        const sorted = [...images.values()].toSorted((a, b) => a.index - b.index).map(({ reason }) => reason);
        reporter.warn(list(`${sorted.length} of the ${length} images of ${name} were left out`, sorted));
      }
    },
  };
}

function list(sentence: string, reasons: readonly string[]): string {
  const rest = reasons.length > named ? [`and ${reasons.length - named} more`] : [];
  return `${sentence}:\n${[...reasons.slice(0, named), ...rest].map((reason) => `  ${reason}`).join('\n')}`;
}
