import type { ByteFile } from './byte-file.ts';
import { DataError } from './error.ts';
import type { TarEntry } from './tar.ts';
import { tarEntries } from './tar.ts';

/** What an image file is called in a sample. */
const IMAGE = /(^|\.)(jpe?g|jpe|jfif|png|webp|avif|tiff?|gif)$/;

/** Directory and base up to its first dot are the key, the rest names the part. */
const NAME = /^((?:.*\/)?[^/.]+)\.([^/]*)$/;

/** Labels and captions are small; what is larger is no label. */
const MAX_LABEL_BYTES = 2 ** 20;

/** A sample of a shard: where its image is, and its label by number or by name. */
export interface TarSample {
  /** Where the headers of its image begin. */
  readonly header: number;
  readonly offset: number;
  readonly size: number;
  readonly label: number | string | null;
  readonly path: string;
  /** Its bytes, with `withImages`. */
  readonly image: Uint8Array | null;
}

/** How shards are read. */
export interface TarSampleOptions {
  /** The property of `.json` that is the label. */
  readonly jsonLabel: string;
  /** Read the images in passing. */
  readonly withImages?: boolean;
  /** Hears of what is no use, in a sentence, and of how many samples that is: one unless said. May throw. */
  readonly onBad: (reason: string, samples?: number) => void;
}

interface Draft {
  readonly key: string;
  readonly parts: Set<string>;
  image: TarEntry | null;
  bytes: Uint8Array | null;
  cls: number | null;
  json: number | string | null;
}

/** Why a path is refused, or null. Nothing is ever written to it; but no honest archive has one. */
function pathFault(path: string): string | null {
  if (path.includes('\0')) return 'has a path with a NUL';
  if (/^([/\\]|[a-z]:)/i.test(path)) return 'has an absolute path';
  return path.split(/[/\\]/).includes('..') ? 'has a path that climbs out of the archive' : null;
}

const text = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);

const isLabel = (value: unknown): value is number => Number.isInteger(value) && (value as number) >= 0 && (value as number) < 2 ** 31;

/** The number in a `.cls` file, or a sentence's end. */
async function readCls(entry: TarEntry): Promise<number | string> {
  const content = entry.size > 64 ? '' : text(await entry.data()).trim();
  return /^\d+$/.test(content) && isLabel(Number(content)) ? Number(content) : 'is not a whole number of at least 0';
}

/** The label in a `.json` file; null when it has none. Throws a sentence's end. */
async function readJson(entry: TarEntry, property: string): Promise<number | string | null> {
  if (entry.size > MAX_LABEL_BYTES) throw new Error(`has ${entry.size} bytes, more than a label needs`);
  let parsed: unknown;
  try {
    parsed = JSON.parse(text(await entry.data()));
  } catch (cause) {
    if (cause instanceof DataError) throw cause;
    throw new Error('is not JSON', { cause });
  }
  const label = typeof parsed === 'object' && parsed !== null ? (parsed as Readonly<Record<string, unknown>>)[property] : undefined;
  if (label === undefined || label === null) return null;
  if (isLabel(label) || typeof label === 'string') return label;
  throw new Error(`has a "${property}" that is neither a whole number of at least 0 nor a name`);
}

/** True for what writers and systems put beside the samples. */
function isForeign(path: string): boolean {
  return /(^|\/)(\.|__MACOSX|__[^/]*__$)/.test(path.replace(/^(\.\/)+/, ''));
}

/**
 * The samples of a WebDataset shard in one pass over its headers: consecutive files with one key, of which the image and the
 * `.cls` or `.json` label count.
 *
 * @throws DataError `bad-format` or `truncated` when the shard is damaged
 * @see https://github.com/webdataset/webdataset — key and part are split as there; keys that come back later are refused
 */
export async function* tarSamples(file: ByteFile, options: TarSampleOptions): AsyncGenerator<TarSample, void, undefined> {
  const { jsonLabel, withImages = false, onBad } = options;
  const bad = (path: string, fault: string): void => onBad(`${path} in ${file.place} ${fault}.`);
  const seen = new Set<string>();
  let draft = null as Draft | null;

  const finish = ({ key, image, bytes, cls, json }: Draft): TarSample | null => {
    if (!image) {
      bad(key, 'is a sample without an image (.jpg, .png, .webp, .avif, .tiff or .gif)');
      return null;
    }
    return { header: image.header, offset: image.offset, size: image.size, label: cls ?? json, path: image.path, image: bytes };
  };
  const addPart = async (sample: Draft, part: string, entry: TarEntry): Promise<void> => {
    if (sample.parts.has(part)) return bad(entry.path, 'is there twice; the first counts');
    sample.parts.add(part);
    if (IMAGE.test(part) && !sample.image) {
      // A copy: the bytes around it shall not stay with it.
      if (withImages) sample.bytes = (await entry.data()).slice();
      sample.image = entry;
    }
    if (part === 'cls') {
      const label = await readCls(entry);
      if (typeof label === 'number') sample.cls = label;
      else bad(entry.path, label);
    } else if (part === 'json') {
      try {
        sample.json = await readJson(entry, jsonLabel);
      } catch (error) {
        if (error instanceof DataError) throw error;
        bad(entry.path, (error as Error).message);
      }
    }
  };

  try {
    for await (const entry of tarEntries(file)) {
      const fault = pathFault(entry.path);
      if (fault !== null) {
        bad(JSON.stringify(entry.path), fault);
        continue;
      }
      if (entry.type === 'folder' || isForeign(entry.path)) continue;
      if (entry.type !== 'file') {
        bad(entry.path, `is ${entry.type}; only plain files are read`);
        continue;
      }
      const [, key, part] = NAME.exec(entry.path) ?? [];
      // A README and the like, as WebDataset passes over them.
      if (key === undefined || part === undefined) continue;
      if (draft?.key !== key) {
        const sample: TarSample | null = draft && finish(draft);
        if (sample) yield sample;
        draft = null;
        if (seen.has(key)) {
          bad(entry.path, 'has the key of an earlier sample; files of one sample follow each other');
          continue;
        }
        seen.add(key);
        draft = { key, parts: new Set(), image: null, bytes: null, cls: null, json: null };
      }
      await addPart(draft, part.toLowerCase(), entry);
    }
  } catch (error) {
    // Behind it the archive is damaged; the sample is not, if its image was there.
    if (draft?.image) yield finish(draft)!;
    throw error;
  }
  const last = draft && finish(draft);
  if (last) yield last;
}
