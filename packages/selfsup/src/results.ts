import { renderReport } from '@selfsup/eval';
import type { Data } from './data.ts';
import type { ExperimentResult, ResultRow } from './experiment.ts';
import { percent, table } from './format.ts';
import { reportData } from './report-data.ts';
import type { Reporter } from './reporter.ts';
import type { RunFolder } from './run-folder.ts';

export interface ResultsOptions {
  readonly title: string;
  readonly result: ExperimentResult;
  readonly data: Data;
  readonly config: Readonly<Record<string, unknown>>;
  readonly seed: number;
  readonly folder: RunFolder;
  readonly reporter: Reporter;
}

/**
 * Prints the table and leaves `results.json` and `report.html` in the run's folder, of a failed experiment too; answers the
 * exit code: 0, or 130 when it was interrupted.
 * @throws what the experiment failed with, once its results so far are written
 */
export async function writeResults(options: ResultsOptions): Promise<0 | 130> {
  const { result } = options;
  if (result.failure === undefined) {
    await write(options);
    return result.finished ? 0 : 130;
  }
  // Whatever goes wrong here as well: why the experiment failed is what there is to tell.
  await write(options).catch(() => undefined);
  throw result.failure;
}

async function write(options: ResultsOptions): Promise<void> {
  const { result, folder, reporter } = options;
  const rows = result.rows.map(({ name, knn, linear, knnProtocol, linearProtocol }) => ({
    name,
    knn,
    linear,
    protocol: `kNN: ${knnProtocol}; linear probe: ${linearProtocol}`,
  }));
  const { seconds } = result;
  await folder.writeJson('results.json', { seconds, rows });
  const [first] = result.rows;
  const failed = result.failure !== undefined;
  if (first && !failed) {
    reporter.say(`\n${resultsTable(result.rows)}\n`);
    reporter.say(`In percent. kNN: ${first.knnProtocol}. Linear probe: ${first.linearProtocol}.`);
  }
  reporter.progress('Drawing the report …');
  await folder.write('report.html', renderReport(await reportData(options)));
  reporter.record({ type: 'results', seconds, rows, folder: folder.path });
  reporter.say(failed ? `What there is of this run, up to where it failed, is in ${folder.path}.` : `Everything of this run is in ${folder.path}; open report.html in a browser.`);
}

/** Accuracy in percent, a line per representation. */
function resultsTable(rows: readonly ResultRow[]): string {
  return table([
    ['', 'kNN', 'linear probe'],
    ...rows.map(({ name, knn, linear }) => [name, percent(knn), percent(linear)]),
  ]);
}
