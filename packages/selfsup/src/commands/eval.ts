import { openSource } from '@selfsup/data/node';
import type { CAC } from 'cac';
import { backendNames, parseBackend, selectBackend } from '../backend.ts';
import { readEncoder } from '../encoder-folder.ts';
import { CliError } from '../error.ts';
import { createEvaluation } from '../evaluation.ts';
import { percent } from '../format.ts';
import { rendererOf } from '../geometry.ts';
import { createReporter } from '../reporter.ts';
import { wholeNumber } from '../settings.ts';

interface EvalFlags {
  readonly data?: string;
  readonly neighbours?: number;
  readonly seed?: number;
  readonly backend?: string;
  readonly json?: boolean;
}

export function addEvalCommand(program: CAC): void {
  program
    .command('eval <encoder>', 'Judge an exported encoder by weighted kNN and a linear probe')
    .option('--data <spec>', 'Labelled images with a test split, as for train (default: embedded)')
    .option('--neighbours <k>', 'k of the kNN evaluation (default: 20)')
    .option('--seed <n>', 'Of the linear probe (default: 0)')
    .option('--backend <name>', `${backendNames.join(' or ')} (default: wasm)`)
    .option('--json', 'Print one JSON object instead of text')
    .example('selfsup eval runs/simsiam-small/encoder')
    .action(evaluate);
}

async function evaluate(encoderFolder: string, flags: EvalFlags): Promise<number> {
  const neighbours = wholeNumber('neighbours', flags.neighbours ?? 20, 1);
  const seed = wholeNumber('seed', flags.seed ?? 0, 0);
  const reporter = createReporter({ json: flags.json ?? false });
  await selectBackend({ backend: parseBackend(flags.backend ?? 'wasm') });
  const { encoder, preprocessing } = await readEncoder(encoderFolder);
  const data = await openSource(flags.data ?? 'embedded');
  const renderer = rendererOf(preprocessing);
  const evaluation = data.test && createEvaluation({ train: data.train, test: data.test, renderer, neighbours, seed });
  if (!evaluation) {
    throw new CliError(1, `${data.train.name} has no labelled test images to judge by; give --data a set that has.`);
  }
  const score = await evaluation.score(await evaluation.features(encoder));
  reporter.say(`kNN ${percent(score.knn)} %  linear probe ${percent(score.linear)} %`);
  reporter.say(`kNN: ${score.knnProtocol}\nlinear probe: ${score.linearProtocol}`);
  reporter.record({ type: 'score', encoder: encoderFolder, ...score });
  return 0;
}
