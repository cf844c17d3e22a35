import type * as napi from '@napi-rs/image';
import type sharpFunction from 'sharp';
import { reasonOf } from '../error.ts';

type LoadSharp = () => Promise<{ readonly default: typeof sharpFunction }>;
type LoadFastJpeg = () => Promise<Pick<typeof napi, 'Transformer'>>;

/** Whether files of images can be decoded, and of which formats. */
export type ImageSupport =
  | { readonly usable: true; readonly sharp: string; readonly libvips: string; readonly formats: readonly string[] }
  | { readonly usable: false; readonly reason: string };

/** Whether the fast decoder of JPEGs is there. */
export type FastJpegSupport = { readonly usable: true } | { readonly usable: false; readonly reason: string };

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
    return { usable: false, reason: `sharp does not load (${firstLine(cause)}), so no image files can be read: npm install sharp.` };
  }
}

export async function inspectFastJpeg(load: LoadFastJpeg = () => import('@napi-rs/image')): Promise<FastJpegSupport> {
  try {
    await load();
    return { usable: true };
  } catch (cause) {
    const remedy = 'npm install @napi-rs/image, or train with --jpeg exact';
    return { usable: false, reason: `@napi-rs/image does not load (${firstLine(cause)}), which decodes JPEGs unless told otherwise: ${remedy}.` };
  }
}

const firstLine = (thrown: unknown): string => reasonOf(thrown).trim().split('\n')[0]!;
