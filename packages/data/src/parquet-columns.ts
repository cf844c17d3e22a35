import type { FileMetaData } from 'hyparquet';
import { DataError } from './error.ts';
import type { Hyparquet } from './load-hyparquet.ts';

/** Which columns hold what. */
export interface ParquetColumns {
  readonly image: string;
  readonly label: string | null;
  readonly classes: readonly string[] | null;
}

interface Feature {
  readonly ['_type']?: unknown;
  readonly names?: unknown;
}

/** What the Hugging Face library notes about the columns, `{ info: { features } }` under the key `huggingface`. */
function featuresOf(metadata: FileMetaData): Readonly<Record<string, Feature>> {
  try {
    const text = metadata.key_value_metadata?.find(({ key }) => key === 'huggingface')?.value;
    const { info } = JSON.parse(text ?? '{}') as { readonly info?: { readonly features?: unknown } };
    return typeof info?.features === 'object' && info.features !== null ? (info.features as Readonly<Record<string, Feature>>) : {};
  } catch {
    return {};
  }
}

/**
 * The columns of images and labels: those given, or those that the metadata of Hugging Face says, or the first with `bytes` in
 * it and the one called `label`.
 *
 * @throws DataError `mismatch`, listing the columns that there are
 */
export function findColumns(
  hyparquet: Hyparquet,
  metadata: FileMetaData,
  place: string,
  given: { readonly image?: string | undefined; readonly label?: string | undefined },
): ParquetColumns {
  const columns = hyparquet.parquetSchema(metadata).children;
  const names = columns.map(({ element }) => element.name);
  const features = featuresOf(metadata);
  const ofType = (type: string): string | undefined => names.find((name) => features[name]?.['_type'] === type);
  const withBytes = columns.find(({ children }) => children.some(({ element }) => element.name === 'bytes'))?.element.name;
  const image = given.image ?? ofType('Image') ?? withBytes ?? names.find((name) => name === 'image');
  const label = given.label ?? ofType('ClassLabel') ?? names.find((name) => name === 'label') ?? null;
  for (const [what, name] of [['image', image], ['label', label]] as const) {
    if (name === null || (name !== undefined && names.includes(name))) continue;
    const missing = name === undefined ? 'no column of images' : `no column "${name}"`;
    throw new DataError('mismatch', `${place} has ${missing}; its columns are ${names.join(', ')}; name one with { ${what}: '…' }.`);
  }
  const classNames = label === null ? undefined : features[label]?.names;
  const classes = Array.isArray(classNames) && classNames.every((name) => typeof name === 'string') ? classNames : null;
  return { image: image!, label, classes };
}

/** The values of a label column: numbers, names, or null where all are missing. */
export function labelValues(name: string, values: readonly unknown[]): readonly (number | string)[] | null {
  const plain = values.map((value) => (typeof value === 'bigint' ? Number(value) : value instanceof Uint8Array ? new TextDecoder().decode(value) : value));
  // Hugging Face writes −1 where the labels of a test set are not public.
  const isMissing = (value: unknown): boolean => value === null || value === undefined || value === -1;
  const missing = plain.filter(isMissing).length;
  if (missing === plain.length) return null;
  if (missing > 0) throw new DataError('mismatch', `${name} has no label in ${missing} of ${plain.length} rows; label all or none.`);
  const strange = plain.findIndex((value) => typeof value !== 'string' && !(Number.isInteger(value) && (value as number) >= 0 && (value as number) < 2 ** 31));
  if (strange < 0) return plain as readonly (number | string)[];
  throw new DataError('mismatch', `${name} has the label ${String(plain[strange])} in row ${strange}; labels are whole numbers of at least 0, or names.`);
}
