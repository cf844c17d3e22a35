import { basename, resolve } from 'node:path';
import { counted } from './counted.ts';
import { declaredSize, spreadOver } from './declared-size.ts';
import { decodeOptions, type DecodeSettings } from './decode-settings.ts';
import { DataError } from './error.ts';
import { decodeFile, readImageFiles } from './image-files.ts';
import type { ImageSource } from './image.ts';
import { listImages, type ListedImage } from './list-images.ts';
import { loadSharp } from './load-sharp.ts';
import { packStrings } from './packed-strings.ts';
import { kindOf } from './read-file.ts';

/** What `imageFolder` takes. */
export interface ImageFolderOptions extends DecodeSettings {
  /** Fixes the numbering of the labels, as for a test split: the names of the class folders. Default: those there, sorted. */
  readonly classes?: readonly string[] | undefined;
}

/** An image folder as a source. */
export interface ImageFolderSource extends ImageSource {
  /** The images' paths in the folder, by index, with `/`. */
  readonly files: readonly string[];
}

function labelsOf(images: readonly ListedImage[], folder: string, given?: readonly string[]): Pick<ImageSource, 'labels' | 'classes'> {
  const groups = images.map(({ group }) => group);
  if (groups.every((group) => group === null)) return { labels: null, classes: null };
  const stray = images.find(({ group }) => group === null);
  if (stray) {
    const message = `${folder} has images in class subfolders and ${stray.path} beside them; move it into a subfolder, or all images out of theirs.`;
    throw new DataError('mismatch', message);
  }
  // Sorted by character codes, as the images are.
  const classes = given ?? [...new Set(groups as string[])].toSorted((a, b) => (a < b ? -1 : 1));
  const numbers = new Map(classes.map((name, label) => [name, label]));
  const unknown = (groups as string[]).find((group) => !numbers.has(group));
  if (unknown !== undefined) {
    throw new DataError('mismatch', `${folder} has the class "${unknown}", which is not one of: ${classes.join(', ')}.`);
  }
  return { labels: Int32Array.from(groups as string[], (group) => numbers.get(group)!), classes };
}

async function findImages(folder: string): Promise<readonly ListedImage[]> {
  const kind = await kindOf(folder);
  if (kind !== 'folder') {
    throw new DataError('not-found', kind === 'file' ? `${folder} is a file; give the folder of the images.` : `There is no folder ${folder}.`);
  }
  const { images, linksOut } = await listImages(folder);
  if (images.length > 0) return images;
  const links = linksOut > 0 ? ` (${counted(linksOut, 'link')} to folders or out of it: not followed)` : '';
  throw new DataError('not-found', `${folder} has no JPEG, PNG, WebP, AVIF, TIFF or GIF files${links}; give a folder that has.`);
}

/**
 * The images of a folder, decoded when they are read. Subfolders are classes: each image's label is the number of its
 * first-level subfolder. A flat folder has no labels. Formats: JPEG, PNG, WebP, AVIF, TIFF, GIF (first frame), told by contents.
 * Links to folders or out of the folder are not followed.
 *
 * Needs the optional peer `sharp`. Files are found now and decoded later, so `read` can fail with `unreadable-image`.
 *
 * @throws DataError `missing-dependency`, `not-found`, `mismatch` (stray images, classes, sizes that differ) or `bad-option`
 */
export async function imageFolder(path: string, options: ImageFolderOptions = {}): Promise<ImageFolderSource> {
  const { size, classes: given } = options;
  const decode = await decodeOptions(options);
  const sharp = await loadSharp();
  const images = await findImages(path);
  const { labels, classes } = labelsOf(images, path, given);
  const name = basename(resolve(path));
  const files = images.map(({ file }) => file);
  const paths = images.map((image) => image.path);
  const declared = await declaredSize(size, decode, spreadOver(files.length), (index) => decodeFile(sharp, files[index]!, decode));
  const read = readImageFiles(sharp, { name, files: packStrings(files), paths: packStrings(paths), ...declared });
  return { name, length: files.length, channels: decode.channels, size: declared.size, read, labels, classes, files: paths };
}

/**
 * One image file as a set of one image, without a label.
 *
 * @throws DataError `missing-dependency` or `bad-option`; reading it throws `unreadable-image`
 */
export async function imageFile(path: string, options: DecodeSettings = {}): Promise<ImageSource> {
  const decode = await decodeOptions(options);
  const sharp = await loadSharp();
  const name = basename(path);
  const declared = await declaredSize(options.size, decode, [0], () => decodeFile(sharp, path, decode));
  const read = readImageFiles(sharp, { name, files: packStrings([path]), paths: packStrings([name]), ...declared });
  return { name, length: 1, channels: decode.channels, size: declared.size, read, labels: null, classes: null };
}
