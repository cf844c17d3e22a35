import type sharpFunction from 'sharp';
import { reasonOf } from '../error.ts';

type LoadSharp = () => Promise<{ readonly default: typeof sharpFunction }>;

/** Whether files of images can be decoded, and of which formats. */
export type ImageSupport =
  | { readonly usable: true; readonly sharp: string; readonly libvips: string; readonly formats: readonly string[] }
  | { readonly usable: false; readonly reason: string };

/** Formats of photographs, by the names that sharp has for them. */
const wanted = { jpeg: 'JPEG', png: 'PNG', webp: 'WebP', heif: 'AVIF', tiff: 'TIFF', gif: 'GIF' } as const;

export async function inspectImages(load: LoadSharp = () => import('sharp')): Promise<ImageSupport> {
  try {
    const { default: sharp } = await load();
    const { sharp: version = 'unknown', vips = 'unknown' } = sharp.versions;
    const readable = (name: keyof typeof wanted): boolean => sharp.format[name]?.input.file === true;
    const formats = (Object.keys(wanted) as (keyof typeof wanted)[]).filter(readable).map((name) => wanted[name]);
    return { usable: true, sharp: version, libvips: vips, formats };
  } catch (cause) {
    const reason = reasonOf(cause).trim().split('\n')[0]!;
    return { usable: false, reason: `sharp does not load (${reason}), so no image files can be read: npm install sharp.` };
  }
}
