import type { DecodeOptions } from './decode-image.ts';
import type { DecodeSettings } from './decode-settings.ts';
import type { Image, ImageSize } from './image.ts';
import { isUnreadable } from './skip.ts';

/** How many images are looked at to find out whether all have one size. */
const LOOKED_AT = 16;

/** The size of the image at `index`, or null when it cannot be read. */
async function sizeOf(read: (index: number) => Image | Promise<Image>, index: number): Promise<ImageSize | null> {
  try {
    const { height, width } = await read(index);
    return { height, width };
  } catch (error) {
    if (!isUnreadable(error)) throw error;
    return null;
  }
}

/** Images all over a set, to judge its sizes by. */
export function spreadOver(length: number): readonly number[] {
  const count = Math.min(length, LOOKED_AT);
  return Array.from({ length: count }, (_, at) => Math.floor((at * length) / count));
}

/** What a source declares as the size of its images, after a look at some, and how they are decoded so that it is true. */
export async function declaredSize(
  asked: DecodeSettings['size'],
  decode: DecodeOptions,
  lookAt: readonly number[],
  read: (index: number) => Image | Promise<Image>,
): Promise<{ readonly size: ImageSize | null; readonly decode: DecodeOptions }> {
  if (asked !== 'uniform' && asked !== 'detect') return { size: decode.size, decode };
  let common: ImageSize | null = null;
  for (const index of lookAt) {
    const size = await sizeOf(read, index);
    // One that cannot be read is reported when its turn comes.
    if (!size) continue;
    if (asked === 'uniform') return { size, decode };
    common ??= size;
    if (size.height !== common.height || size.width !== common.width) return { size: null, decode };
  }
  if (asked === 'uniform') await read(lookAt[0]!);
  return { size: common, decode: { ...decode, size: common } };
}
