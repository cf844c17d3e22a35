import { existsSync } from 'node:fs';
import { summarize } from '@selfsup/backbones';
import type { ModelSummary } from '@selfsup/backbones';
import type { CAC } from 'cac';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { selectBackend } from '../backends/select.ts';
import { flag } from '../call.ts';
import type { Config } from '../config.ts';
import { encoderFolderIn, readEncoder } from '../encoder-folder.ts';
import { buildEncoder, encoderKeys, encoderNames, findEncoder, paperSize } from '../encoders.ts';
import type { EncoderOptions } from '../encoders.ts';
import { usageError } from '../error.ts';
import { grouped, metric, table } from '../format.ts';
import { createReporter } from '../reporter.ts';
import { encoderOptions, wholeNumber } from '../settings.ts';

interface InfoFlags extends Pick<Config, keyof EncoderOptions> {
  readonly size?: number;
  readonly channels?: number;
  readonly classes?: number;
  readonly json?: boolean;
}

export function addInfoCommand(program: CAC): void {
  program
    .command('info [encoder]', 'Print the size of an encoder: parameters and multiply-accumulates, in all and by stage')
    .option('--width <n>', 'As for train')
    .option('--stages <n>', 'As for train')
    .option('--widths <n,n,…>', 'As for train')
    .option('--block <name>', 'As for train')
    .option('--stride <n>', 'As for train')
    .option('--pool-to <n>', 'As for train')
    .option('--stem <name>', 'As for train')
    .option('--patch <px>', 'As for train')
    .option('--size <px>', "Side of an image (default: that of the encoder's paper)")
    .option('--channels <n>', 'Channels of an image (default: 3)')
    .option('--classes <n>', 'Of the linear classifier that published counts include (default: 1000)')
    .option('--json', 'Print one JSON object instead of text')
    .example('selfsup info resnet50')
    .example('selfsup info vit_small --patch 8 --size 96')
    .example('selfsup info runs/simsiam-small/encoder')
    .action(info);
}

async function info(name: string | undefined, flags: InfoFlags): Promise<number> {
  if (name === undefined) throw usageError(`Say which encoder: ${encoderNames.join(', ')}, or the folder of one.`);
  const classes = wholeNumber('classes', flags.classes ?? 1000, 1);
  await selectBackend({ backend: 'wasm', threads: 1 });
  const known = encoderNames.includes(name);
  if (!known && !existsSync(name)) throw usageError(`There is no encoder "${name}", and no such folder; choose one of ${encoderNames.join(', ')}, or give the folder of one.`);
  const model = known ? build(name, flags) : await read(name, flags);
  const summary = summarize(model);
  model.dispose();
  const reporter = createReporter({ json: flags.json ?? false });
  reporter.say(describe(model.name, summary, classes));
  reporter.record({ type: 'network', name: model.name, ...summary });
  return 0;
}

async function read(folder: string, flags: InfoFlags): Promise<LayersModel> {
  const fixed = [...encoderKeys, 'size', 'channels'] as const;
  const given = fixed.find((key) => flags[key] !== undefined);
  if (given !== undefined) {
    throw usageError(`${folder} is an encoder that is built already; leave out ${flag(given)}.`);
  }
  return (await readEncoder(encoderFolderIn(folder))).encoder;
}

function build(name: string, flags: InfoFlags): LayersModel {
  const options = encoderOptions(flags);
  const spec = findEncoder(name, options);
  const side = wholeNumber('size', flags.size ?? paperSize(name, options), 1);
  return buildEncoder(spec, [side, side, wholeNumber('channels', flags.channels ?? 3, 1)], 0);
}

const shown = (shape: readonly (number | null)[]): string => shape.map((size) => size ?? '?').join('×');

function describe(name: string, { inputShape, outputShape, parameters, state, macs, groups }: ModelSummary, classes: number): string {
  const dim = outputShape.at(-1) ?? 0;
  const head = dim * classes + classes;
  return [
    `${name} for images of ${shown(inputShape)}`,
    '',
    table([
      ['features', shown(outputShape)],
      ['trainable parameters', grouped(parameters)],
      [`  and a linear classifier of ${grouped(classes)} classes`, grouped(parameters + head)],
      ['other state', grouped(state)],
      ['multiply-accumulates an image', metric(macs)],
      [`  and the classifier`, metric(macs + dim * classes)],
    ]),
    '',
    table([
      ['layers', 'output', 'parameters', 'multiply-accumulates'],
      ...groups.map((group) => [group.name, shown(group.outputShape), grouped(group.parameters), metric(group.macs)]),
    ]),
  ].join('\n');
}
