import { summarize } from '@selfsup/backbones';
import { version_core as tfjsVersion } from '@tensorflow/tfjs-core';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { version } from '../about.ts';
import { counted, grouped, percent } from '../format.ts';
import type { Preprocessing } from '../geometry.ts';
import type { ResultLine, RunRecord } from './finding.ts';
import type { Format } from './formats.ts';
import type { Snippet } from './snippets.ts';
import { yaml } from './yaml.ts';
import type { Yaml } from './yaml.ts';

export interface CardInput {
  readonly encoder: LayersModel;
  readonly preprocessing: Preprocessing;
  /** Undefined for an encoder that has lost its run. */
  readonly run: RunRecord | undefined;
  /** Where one run trained several. */
  readonly method: string | undefined;
  readonly format: Format;
  readonly snippet: Snippet;
  readonly files: Iterable<string>;
  readonly license: string | undefined;
}

const unknown = 'unknown';

/**
 * The README.md of an exported folder: a model card as Hugging Face's pages read it, with the facts that they have keys for in its
 * front matter and the others below `selfsup:` there.
 *
 * @see https://huggingface.co/docs/hub/model-cards
 */
export function modelCard(input: CardInput): string {
  const facts = factsOf(input);
  return `---\n${yaml(frontMatter(input, facts))}\n---\n\n${body(input, facts)}`;
}

interface Facts {
  readonly title: string;
  readonly method: string;
  readonly preset: string;
  readonly data: string;
  /** The images that the results are of. */
  readonly judgedOn: string;
  readonly network: string;
  readonly trainedWith: string;
  /** What the method achieved; undefined where it was not judged. */
  readonly own: ResultLine | undefined;
}

function factsOf({ encoder, run, method }: CardInput): Facts {
  const config = run?.config ?? {};
  const about = (config['about'] ?? {}) as Readonly<Record<string, unknown>>;
  const trained = (run?.results ?? []).filter(({ name }) => !baselines.includes(name));
  const own = method === undefined && trained.length === 1 ? trained[0] : trained.find(({ name }) => name === method);
  const presets = Array.isArray(about['presets']) ? about['presets'].join('; ') : '';
  return {
    title: run ? `${run.name}${method === undefined ? '' : ` ${method}`}` : encoder.name,
    method: method ?? own?.name ?? textOf(config['recipe']),
    preset: `${textOf(config['preset'])}${presets === '' ? '' : ` (${presets})`}`,
    data: dataOf(about['trainImages'], config['data']),
    judgedOn: textOf(about['testImages']),
    network: encoder.name,
    trainedWith: textOf(about['selfsup']),
    own,
  };
}

/** How many images of which source, and what `--data` was given, where the source's name does not tell. */
function dataOf(images: unknown, given: unknown): string {
  if (typeof images !== 'string' || typeof given !== 'string') return textOf(images ?? given);
  return given === 'embedded' || images.includes(given) ? images : `${images} in ${given}`;
}

/** Rows of the results that no training is behind. */
const baselines: readonly string[] = ['raw-pixels', 'random-encoder'];
const textOf = (value: unknown): string => (typeof value === 'string' || typeof value === 'number' ? String(value) : unknown);

function frontMatter({ preprocessing, format, license, run }: CardInput, facts: Facts): Readonly<Record<string, Yaml>> {
  const { title, method, data, judgedOn, network, own, trainedWith } = facts;
  const { size, channels, resizeShorter, normalize } = preprocessing;
  const metric = (name: string, value: number): Yaml => ({ type: 'accuracy', name, value });
  const results = own && [
    {
      task: { type: 'image-classification' },
      dataset: { type: judgedOn, name: judgedOn },
      metrics: [metric('weighted kNN', own.knn), metric('linear probe', own.linear)],
    },
  ];
  return {
    license: license ?? unknown,
    library_name: 'selfsup',
    pipeline_tag: 'image-feature-extraction',
    tags: ['representation-learning', method, format.tag].filter((tag) => tag !== unknown),
    ...(results ? { 'model-index': [{ name: title, results }] } : {}),
    selfsup: {
      data,
      method,
      preset: facts.preset,
      network,
      epochs: numberOf(run, 'epochs'),
      batch_size: numberOf(run, 'batchSize'),
      seed: numberOf(run, 'seed'),
      image_size: size,
      channels,
      resize_shorter: resizeShorter,
      mean: normalize ? [...normalize.mean] : null,
      std: normalize ? [...normalize.std] : null,
      versions: { trained_with_selfsup: trainedWith, exported_with_selfsup: version(), tensorflow_js: tfjsVersion },
    },
  };
}

function numberOf(run: RunRecord | undefined, key: string): number | null {
  const value = run?.config[key];
  return typeof value === 'number' ? value : null;
}

function body(input: CardInput, facts: Facts): string {
  const { encoder, preprocessing, run, format, snippet, license } = input;
  const { title, method, preset, data, network, trainedWith } = facts;
  const { parameters, outputShape } = summarize(encoder);
  const { size, channels, resizeShorter, normalize } = preprocessing;
  const rows: readonly (readonly [string, string])[] = [
    ['method', method],
    ['preset', preset],
    ['data', data],
    ['network', `${network}, ${grouped(parameters)} trainable parameters`],
    ['features', `[${['batch', ...outputShape.map((side) => side ?? '?')].join(', ')}]`],
    ['images', `${size}×${size} pixels, ${counted(channels, 'channel')}${resizeShorter === null ? '' : `: the shorter side resized to ${resizeShorter}, and the middle cut out`}`],
    ['normalisation', normalize ? `(v − mean)/std of values v from 0 to 1, mean [${normalize.mean.join(', ')}], std [${normalize.std.join(', ')}]` : 'none: values from 0 to 1'],
    ['license', license ?? 'unknown: set it here and in the first lines of this file'],
    ['versions', `trained with selfsup ${trainedWith}, exported with ${version()} and TensorFlow.js ${tfjsVersion}`],
  ];
  const files = [...input.files].map((name): [string, string] => [name, format.about[name] ?? commonFiles[name] ?? '']);
  const parts = [
    `# ${title}\n\nFeatures of images, as ${format.title}. Made by [selfsup](https://github.com/selfsup/selfsup).`,
    markdownTable(['', ''], rows),
    `## Use\n\n\`\`\`sh\nnpm install ${snippet.install.join(' ')}\n\`\`\`\n\nIn this folder:\n\n\`\`\`js\n${snippet.code}\`\`\`\n\n${snippet.notes.map((note) => `- ${note}`).join('\n')}`,
    `## Results\n\n${resultsText(run, facts)}`,
    `## Files\n\n${markdownTable(['file', ''], files.map(([name, about]) => [`\`${name}\``, about]))}`,
    ...(run ? [`## How it was trained\n\n\`\`\`json\n${JSON.stringify(run.config, null, 2)}\n\`\`\``] : []),
  ];
  return `${parts.join('\n\n')}\n`;
}

const commonFiles: Readonly<Record<string, string>> = { 'preprocessing.json': 'what is done to images before the encoder sees them' };

function resultsText(run: RunRecord | undefined, { judgedOn, own }: Facts): string {
  const [first] = run?.results ?? [];
  if (!run || !first) return 'The encoder was not judged, or its results are lost.';
  const lines = run.results.map(({ name, knn, linear }): [string, string, string] => [name, percent(knn), percent(linear)]);
  const table = markdownTable(['features', 'kNN', 'linear probe'], lines);
  return `Accuracy in percent, judged on ${judgedOn}.${own ? '' : ' This encoder itself was not judged.'}\n\n${table}\n\n${first.protocol}.`;
}

function markdownTable(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
  return [line(head), `|${' --- |'.repeat(head.length)}`, ...rows.map(line)].join('\n');
}
