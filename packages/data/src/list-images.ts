import { readdir, realpath, stat } from 'node:fs/promises';
import { join, relative, sep } from 'node:path';
import type { Dirent } from 'node:fs';

/** What the names of image files end with. */
export const IMAGE_NAME: RegExp = /\.(jpe?g|jpe|jfif|png|webp|avif|tiff?|gif)$/i;

/** An image file in a folder. */
export interface ListedImage {
  /** Relative to the folder, with `/`. */
  readonly path: string;
  /** The name of the subfolder of the folder that it lies in, or null when it lies in the folder itself. */
  readonly group: string | null;
  /** Where to read it: absolute, links resolved. */
  readonly file: string;
}

/** What `listImages` found. */
export interface ImageListing {
  /** By path, in the order of character codes, so that it is the same on every machine. */
  readonly images: readonly ListedImage[];
  /** Links that lead out of the folder and were not followed. */
  readonly linksOut: number;
}

/** Where the link leads if that is a file inside `root`, otherwise null. */
export async function insideTarget(link: string, root: string): Promise<string | null> {
  try {
    const target = await realpath(link);
    const isInside = target.startsWith(root.endsWith(sep) ? root : root + sep);
    return isInside && (await stat(target)).isFile() ? target : null;
  } catch {
    return null;
  }
}

/** Every image file in `folder` and its subfolders. Hidden names and links to folders or out of the folder are left out. */
export async function listImages(folder: string): Promise<ImageListing> {
  const root = await realpath(folder);
  const images: ListedImage[] = [];
  let linksOut = 0;
  const add = (path: string, file: string): void => {
    const slash = path.indexOf('/');
    images.push({ path, file, group: slash < 0 ? null : path.slice(0, slash) });
  };
  const visit = async (directory: string): Promise<void> => {
    const entries: readonly Dirent[] = await readdir(directory, { withFileTypes: true });
    for (const entry of entries) {
      if (entry.name.startsWith('.') || entry.name === '__MACOSX') continue;
      const full = join(directory, entry.name);
      const path = relative(root, full).split(sep).join('/');
      if (entry.isDirectory()) await visit(full);
      else if (entry.isFile() && IMAGE_NAME.test(entry.name)) add(path, full);
      else if (entry.isSymbolicLink()) {
        const target = await insideTarget(full, root);
        if (target === null) linksOut++;
        else if (IMAGE_NAME.test(entry.name)) add(path, target);
      }
    }
  };
  await visit(root);
  images.sort((a, b) => (a.path < b.path ? -1 : 1));
  return { images, linksOut };
}
