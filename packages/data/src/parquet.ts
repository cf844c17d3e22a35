import type { FilePlace } from './byte-file.ts';
import { declaredSize } from './declared-size.ts';
import { decodeOptions, type DecodeSettings } from './decode-settings.ts';
import { DataError } from './error.ts';
import type { ImageSource } from './image.ts';
import { numberLabels } from './label-names.ts';
import { loadHyparquet } from './load-hyparquet.ts';
import { loadSharp } from './load-sharp.ts';
import { openBytes } from './open-bytes.ts';
import type { ParquetImages } from './origin.ts';
import { findColumns, labelValues, type ParquetColumns } from './parquet-columns.ts';
import { columnBytes, openParquet } from './parquet-file.ts';
import { readParquetImages } from './parquet-images.ts';
import { checkWhole } from './random.ts';
import { findSet, type Split } from './set-files.ts';

/** What `parquetImages` takes. */
export interface ParquetImagesOptions extends DecodeSettings {
  /** Which part of a folder that has both: told by the words train, test and val in file or subfolder names. */
  readonly split?: Split | undefined;
  /** The column of images. Default: what the file's metadata says, or the first struct with `bytes`. */
  readonly image?: string | undefined;
  /** The column of labels, numbers or names. Default: what the file's metadata says, or `label`. */
  readonly label?: string | undefined;
  /** Names of the classes by label. Default: those in the file's metadata. */
  readonly classes?: readonly string[] | undefined;
  /** Sent with each request for a URL. */
  readonly headers?: Readonly<Record<string, string>> | undefined;
  /** How many bytes of encoded images are kept, in each thread that reads. Default 256 MiB. */
  readonly cacheBytes?: number | undefined;
}

/**
 * Images in Parquet files as Hugging Face lays them out: a column of structs with the encoded `bytes`, and a column of labels
 * whose class names are in the metadata. Needs the optional peers `hyparquet` and `sharp`.
 *
 * Opening reads the metadata and the labels. A row group is then decoded when one of its images is first asked for, and kept
 * while `cacheBytes` allow. A larger set has its row groups as `runs`: an epoch goes through them in a new order, and mixes the
 * images of as many as are kept.
 *
 * @param files a folder, a `.parquet` file, a URL, a pattern such as `train-{00000..00004}-of-00005.parquet`, or several
 * @throws DataError `not-found`, `bad-format`, `mismatch`, `too-large` (a row group), `missing-dependency` or `bad-option`
 * @see https://huggingface.co/docs/hub/datasets-image#parquet-format
 */
export async function parquetImages(files: string | readonly string[], options: ParquetImagesOptions = {}): Promise<ImageSource> {
  const { headers = null, cacheBytes = 2 ** 28, size } = options;
  checkWhole('cacheBytes', cacheBytes, 0);
  const decode = await decodeOptions(options);
  const { name, places } = await findSet(files, '.parquet', options.split);
  const hyparquet = await loadHyparquet();
  const sharp = await loadSharp();
  const opened: FilePlace[] = [];
  const groups: ParquetImages['groups'][number][] = [];
  const values: unknown[] = [];
  let columns: ParquetColumns | null = null;
  let length = 0;
  let encodedBytes = 0;
  for (const [number, place] of places.entries()) {
    const file = await openBytes(place, headers);
    const { metadata, column } = await openParquet(hyparquet, file);
    // The first file decides; the others must have the same columns.
    const found: ParquetColumns = findColumns(hyparquet, metadata, place, columns ? { image: columns.image, label: columns.label ?? undefined } : options);
    columns ??= found;
    opened.push({ place, size: file.size, version: file.version, headers: file.headers });
    let start = 0;
    for (const group of metadata.row_groups) {
      const rows = Number(group.num_rows);
      encodedBytes += columnBytes(group, columns.image);
      if (rows > 0) groups.push({ file: number, start, first: length, rows });
      start += rows;
      length += rows;
    }
    if (columns.label !== null && start > 0) for (const value of await column(columns.label, 0, start)) values.push(value);
  }
  if (!columns || length === 0) throw new DataError('not-found', `${name} has no rows; give files that have.`);
  const numbers = columns.label === null ? null : labelValues(name, values);
  const { labels, classes } = numbers ? numberLabels(name, numbers, options.classes ?? columns.classes) : { labels: null, classes: null };
  const images: ParquetImages = { name, files: opened, column: columns.image, groups, length, cacheBytes, decode, size: decode.size };
  const { channels } = decode;
  // Half of what may be kept, because the next runs are begun while the last of these are in use.
  const together = Math.max(1, Math.floor((groups.length * cacheBytes) / 2 / encodedBytes));
  const runs = encodedBytes > cacheBytes ? { starts: Uint32Array.from(groups, ({ first }) => first), together } : undefined;
  // Others would each cost a row group.
  const firstImages = Array.from({ length: Math.min(length, 16) }, (_, index) => index);
  const declared = await declaredSize(size, decode, firstImages, readParquetImages(hyparquet, sharp, images));
  const read = readParquetImages(hyparquet, sharp, { ...images, ...declared });
  return { name, length, channels, size: declared.size, read, labels, classes, runs };
}
