import { readFile, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { ViewPipeline } from '@selfsup/augment';
import type { ImageSource } from '@selfsup/data';
import type { CAC } from 'cac';
import { loadConfig } from '../config.ts';
import { generator, sheetHtml } from '../contact-sheet/html.ts';
import { imageKinds, parseImageKind, publishedViews, viewMethods } from '../contact-sheet/pipelines.ts';
import type { ImageKind } from '../contact-sheet/pipelines.ts';
import { sheetPng } from '../contact-sheet/png.ts';
import { makeSheet } from '../contact-sheet/sheet.ts';
import type { Sheet } from '../contact-sheet/sheet.ts';
import { isIndexed, openData } from '../data.ts';
import { resolveData } from '../data-settings.ts';
import type { DataSettings } from '../data-settings.ts';
import { CliError, reasonOf, usageError } from '../error.ts';
import { counted } from '../format.ts';
import { decodingOf, ownSize } from '../geometry.ts';
import { makeFolder } from '../make-folder.ts';
import { createReporter } from '../reporter.ts';
import { resolveSettings, text, wholeNumber } from '../settings.ts';

interface ViewsFlags {
  readonly method?: string;
  readonly preset?: string;
  readonly config?: string;
  readonly size?: number;
  readonly count?: number;
  readonly index?: string;
  readonly epoch?: number;
  readonly draws?: number;
  readonly seed?: number;
  readonly out?: string;
  readonly json?: boolean;
}

export function addViewsCommand(program: CAC): void {
  program
    .command('views [images]', 'Write a contact sheet (PNG and HTML) of images and their views, with what was drawn')
    .option('--method <name>', `Published views: ${viewMethods.join(', ')} (default: simsiam)`)
    .option('--preset <name>', `For which images: ${imageKinds.join(', ')} (default: told by the images)`)
    .option('--config <file>', "Instead: the views of a config file's recipe, or of a run's config.json, and its images unless others are given")
    .option('--size <px>', "Side of a view (default: the preset's, or that of the images)")
    .option('--count <n>', 'Images, from all over the set (default: 4)')
    .option('--index <list>', 'These images instead, by their place in the set, with commas between')
    .option('--draws <n>', 'Draws of each view: those of so many epochs (default: 2, of multi-crop 1)')
    .option('--epoch <n>', 'The first of these epochs (default: 0)')
    .option('--seed <n>', 'Draws the views, as it does for train (default: 0)')
    .option('--out <path>', 'Where to write, without .png and .html; a sheet that is there is replaced (default: views)')
    .option('--json', 'Print one JSON object a view: its key, and the parameters that replay it')
    .example('selfsup views ./photos --method byol')
    .example('selfsup views photo.jpg --method dino --draws 2 --out photo-views')
    .example('selfsup views --config runs/simsiam-small/config.json --index 17,203 --epoch 5')
    .action(views);
}

/** What to show: the images and the views of them. */
interface Chosen {
  readonly title: string;
  readonly source: ImageSource;
  readonly views: Readonly<Record<string, ViewPipeline>>;
  readonly seed: number;
}

async function views(images: string | undefined, flags: ViewsFlags): Promise<number> {
  const out = text('out', flags.out ?? 'views');
  const { title, source, views: pipelines, seed } = await (flags.config === undefined ? published : configured)(images, flags);
  const count = wholeNumber('count', flags.count ?? 4, 1);
  const indices = flags.index === undefined ? spread(source.length, count) : listed(flags.index, source);
  const first = wholeNumber('epoch', flags.epoch ?? 0, 0);
  const draws = wholeNumber('draws', flags.draws ?? (Object.keys(pipelines).length > 2 ? 1 : 2), 1);
  const epochs = Array.from({ length: draws }, (_, i) => first + i);
  const subtitle = `${indices.length} of the ${counted(source.length, 'image')} of ${source.name}; seed ${seed}, epoch ${epochs.length === 1 ? first : `${first}–${epochs.at(-1)}`}; shown before normalisation`;
  const sheet = await makeSheet({ title, subtitle, source, views: pipelines, indices, seed, epochs });
  await writeSheet(out, sheet);
  const reporter = createReporter({ json: flags.json ?? false });
  reporter.say(`${out}.png, ${out}.html: ${title}, ${counted(indices.length, 'image')}, ${sheet.images.reduce((sum, each) => sum + each.views.length, 0)} views.`);
  for (const { views: shown } of sheet.images) {
    for (const { name, key, params } of shown) reporter.record({ type: 'view', view: name, key, params });
  }
  reporter.record({ type: 'sheet', png: `${out}.png`, html: `${out}.html` });
  return 0;
}

/** The views of a published recipe. */
async function published(images: string | undefined, flags: ViewsFlags): Promise<Chosen> {
  const method = text('method', flags.method ?? 'simsiam');
  if (!viewMethods.includes(method)) publishedViews(method, 'imagenet', 224);
  const asked = flags.preset === undefined ? undefined : parseImageKind(flags.preset);
  const size = flags.size === undefined ? null : wholeNumber('size', flags.size, 1);
  const seed = wholeNumber('seed', flags.seed ?? 0, 0);
  const settings = resolveData({ data: images ?? 'embedded', ...(asked === 'grayscale' ? { channels: 1 } : {}), cache: 0 }, seed);
  const source = await open(settings, size ?? (asked === 'imagenet' ? 224 : null));
  const kind = asked ?? kindOf(source);
  const needed = kind === 'grayscale' ? 1 : 3;
  if (source.channels !== needed) {
    throw usageError(`The images of ${source.name} have ${counted(source.channels, 'channel')}, but the preset ${kind} is for ${needed}; choose --preset ${needed === 3 ? 'grayscale' : 'cifar or imagenet'}.`);
  }
  const own = { imagenet: 224, cifar: ownSize(source.size) ?? 32, grayscale: ownSize(source.size) ?? 28 }[kind];
  return { title: `Views of ${method} (${kind})`, source, views: publishedViews(method, kind, size ?? own), seed };
}

/** The views that a training by this config sees. */
async function configured(images: string | undefined, flags: ViewsFlags): Promise<Chosen> {
  if (flags.method !== undefined || flags.preset !== undefined) {
    throw usageError('--config brings views of its own; leave out --method and --preset, or --config.');
  }
  const { size: _, seed: _seed, ...config } = await loadConfig(flags.config);
  const given = { size: flags.size ?? _, seed: flags.seed ?? _seed, data: images ?? config.data };
  const settings = resolveSettings({ ...config, ...Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)) });
  const source = await open(settings.data, settings.size);
  const size = settings.size ?? ownSize(source.size);
  if (size === null) throw usageError(`The images of ${source.name} are not all square and of one size; give --size with the side of a view in pixels.`);
  const made = settings.preset.views({ size, channels: source.channels });
  return { title: `Views of ${settings.resolved.recipe} (${settings.resolved.preset})`, source, views: made, seed: settings.seed };
}

async function open(settings: DataSettings, size: number | null): Promise<ImageSource> {
  const { train } = await openData(settings, decodingOf(size));
  if (isIndexed(train)) return train;
  throw usageError(`${train.name} is a stream, of which no image can be chosen; give a folder of its images.`);
}

function kindOf({ channels, size }: ImageSource): ImageKind {
  if (channels !== 3) return 'grayscale';
  return size !== null && Math.max(size.height, size.width) <= 64 ? 'cifar' : 'imagenet';
}

function spread(length: number, count: number): readonly number[] {
  const shown = Math.min(length, count);
  return Array.from({ length: shown }, (_, i) => Math.floor((i * length) / shown));
}

function listed(list: string, { name, length }: ImageSource): readonly number[] {
  return String(list).split(',').map((word) => {
    const index = wholeNumber('index', word, 0);
    if (index >= length) throw usageError(`${name} has the images 0 to ${length - 1}, but --index has ${index}.`);
    return index;
  });
}

/** Both files, over those of a sheet but over nobody else's. */
async function writeSheet(out: string, sheet: Sheet): Promise<void> {
  const old = await readFile(`${out}.html`, 'utf8').catch(() => null);
  const replace = old?.includes(generator) ?? false;
  const files = [[`${out}.html`, await sheetHtml(sheet)], [`${out}.png`, await sheetPng(sheet)]] as const;
  try {
    await makeFolder(dirname(out));
    for (const [path, bytes] of files) await writeFile(path, bytes, { flag: replace ? 'w' : 'wx' });
  } catch (cause) {
    if (cause instanceof Error && 'code' in cause && cause.code === 'EEXIST') {
      throw usageError(`${reasonOf(cause).replace(/^.*'(.*)'$/, '$1')} exists already and is no sheet of views; choose another --out, or move that file away.`);
    }
    throw new CliError(1, `${out}.html cannot be written (${reasonOf(cause)}); choose another --out.`, { cause });
  }
}
