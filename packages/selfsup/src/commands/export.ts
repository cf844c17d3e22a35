import { basename, join, resolve } from 'node:path';
import type { CAC } from 'cac';
import { selectBackend } from '../backends/select.ts';
import { readEncoder } from '../encoder-folder.ts';
import { callOf } from '../encoders.ts';
import { usageError } from '../error.ts';
import { findEncoderFolder } from '../export/finding.ts';
import { formats } from '../export/formats.ts';
import { modelCard } from '../export/model-card.ts';
import { writeNewFolder } from '../export/new-folder.ts';
import { createReporter } from '../reporter.ts';
import { refuseTaken } from '../run-folder.ts';
import { text } from '../settings.ts';

interface ExportFlags {
  readonly to?: string;
  readonly out?: string;
  readonly names?: string;
  readonly license?: string;
  readonly json?: boolean;
}

const names = ['torchvision', 'timm'] as const;
const formatNames = Object.keys(formats).join(', ');

export function addExportCommand(program: CAC): void {
  program
    .command('export <run>', 'Write an encoder in the format of another program, with a model card')
    .option('--to <format>', `${formatNames} (required)`)
    .option('--out <folder>', "A new folder (default: export-<format> in the run's)")
    .option('--names <names>', `Whose names the weights get in safetensors: ${names.join(' or ')} (default: torchvision)`)
    .option('--license <name>', 'For the model card: mit, apache-2.0, cc-by-4.0, … (default: unknown)')
    .option('--json', 'Print one JSON object instead of text')
    .example('selfsup export runs/simsiam-small --to onnx')
    .example('selfsup export runs/demo/encoder-byol --to safetensors --out byol --license mit')
    .action(exportEncoder);
}

async function exportEncoder(path: string, flags: ExportFlags): Promise<number> {
  if (flags.to === undefined) throw usageError(`Say what to export to: --to ${formatNames}.`);
  const format = Object.hasOwn(formats, flags.to) ? formats[flags.to] : undefined;
  if (!format) throw usageError(`The format "${flags.to}" is not known; choose one of ${formatNames}.`);
  const own = names.find((each) => each === (flags.names ?? 'torchvision'));
  if (!own) throw usageError(`The names "${flags.names}" are not known; choose ${names.join(' or ')}.`);
  if (flags.names !== undefined && flags.to !== 'safetensors') throw usageError(`--names is for --to safetensors; leave it out for --to ${flags.to}.`);
  const license = flags.license === undefined ? undefined : oneLine('license', flags.license);
  const found = await findEncoderFolder(path);
  const out = text('out', flags.out ?? defaultOut(found.folder, flags.to));
  await refuseTaken(out, '--out');
  await selectBackend({ backend: 'wasm', threads: 1 });
  const { encoder, preprocessing } = await readEncoder(found.folder);
  const input = { encoder, preprocessing, folder: found.folder, names: own, call: callOf(found.run?.config ?? {}, encoder.name) };
  const files = new Map(await format.files(input));
  files.set('preprocessing.json', `${JSON.stringify(preprocessing, null, 2)}\n`);
  const card = modelCard({ ...found, encoder, preprocessing, license, format, snippet: format.snippet(input), files: files.keys() });
  await writeNewFolder(out, files.set('README.md', card));
  encoder.dispose();
  const reporter = createReporter({ json: flags.json ?? false });
  reporter.say(`${out}: ${[...files.keys()].join(', ')}`);
  if (license === undefined) reporter.say('The license in its README.md is unknown; set it there, or give --license.');
  reporter.record({ type: 'export', format: flags.to, out, files: [...files.keys()] });
  return 0;
}

function oneLine(what: string, value: string): string {
  if (/[\r\n]/.test(value)) throw usageError(`The ${what} has several lines; give a name such as mit or apache-2.0.`);
  return text(what, value);
}

/** Beside the encoder: `export-onnx`, or `export-byol-onnx` for the encoder of one method of several. */
function defaultOut(encoderFolder: string, format: string): string {
  const method = basename(resolve(encoderFolder)).replace(/^encoder-?/, '');
  return join(encoderFolder, '..', ['export', method, format].filter(Boolean).join('-'));
}
