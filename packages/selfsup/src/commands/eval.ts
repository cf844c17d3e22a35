import type { CAC } from 'cac';
import { backendHelp, defaultBackend, parseBackend } from '../backends/names.ts';
import { selectBackend } from '../backends/select.ts';
import { loadConfig } from '../config.ts';
import { openData } from '../data.ts';
import { addDataOptions, dataFlags, resolveData } from '../data-settings.ts';
import type { DataConfig } from '../data-settings.ts';
import { encoderFolderIn, readEncoder } from '../encoder-folder.ts';
import { CliError } from '../error.ts';
import { createEvaluation } from '../evaluation.ts';
import { percent } from '../format.ts';
import { decodingFor, rendererFor } from '../geometry.ts';
import { createReporter } from '../reporter.ts';
import { threadCount, wholeNumber } from '../settings.ts';
import { createSkipLog } from '../skipped.ts';

interface EvalFlags extends DataConfig {
  readonly config?: string;
  readonly neighbours?: number;
  readonly seed?: number;
  readonly backend?: string;
  readonly threads?: number;
  readonly json?: boolean;
}

export function addEvalCommand(program: CAC): void {
  addDataOptions(program.command('eval <encoder>', 'Judge an exported encoder by weighted kNN and a linear probe on labelled images'), { trains: false })
    .option('--neighbours <k>', 'k of the kNN evaluation (default: 200)')
    .option('--seed <n>', 'Of the linear probe (default: 0)')
    .option('--backend <name>', backendHelp)
    .option('--threads <n>', 'Threads of the wasm backend (default: all cores)')
    .option('--config <file>', 'A config file that says what data to read (default: selfsup.config.js or .mjs, where there is one)')
    .option('--json', 'Print one JSON object instead of text')
    .example('selfsup eval runs/simsiam-small')
    .example('selfsup eval runs/simsiam-small/encoder --data ./photos --fraction 0.1')
    .action(evaluate);
}

async function evaluate(encoderPath: string, flags: EvalFlags): Promise<number> {
  const neighbours = wholeNumber('neighbours', flags.neighbours ?? 200, 1);
  const seed = wholeNumber('seed', flags.seed ?? 0, 0);
  const threads = threadCount(flags.threads);
  const reporter = createReporter({ json: flags.json ?? false });
  await selectBackend({ backend: parseBackend(flags.backend ?? defaultBackend), threads, warn: reporter.warn });
  const { encoder, preprocessing } = await readEncoder(encoderFolderIn(encoderPath));
  const settings = resolveData({ ...(await loadConfig(flags.config)), ...dataFlags({ ...flags }) }, seed, preprocessing);
  const { train, test } = await openData(settings, decodingFor(preprocessing));
  const renderer = rendererFor(preprocessing, test ?? train);
  const { onSkipped, tell } = createSkipLog();
  const evaluation = test && createEvaluation({ train, test, renderer, neighbours, seed, onError: settings.onError, onSkipped });
  if (!evaluation) {
    throw new CliError(1, `${train.name} has no labelled test images to judge by; give --data a set that has.`);
  }
  const score = await evaluation.score(await evaluation.features(encoder));
  reporter.say(`kNN ${percent(score.knn)} %  linear probe ${percent(score.linear)} %`);
  reporter.say(`kNN: ${score.knnProtocol}\nlinear probe: ${score.linearProtocol}`);
  tell(reporter, { train, test });
  reporter.record({ type: 'score', encoder: encoderPath, ...score });
  return 0;
}
