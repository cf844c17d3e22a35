import type { Splits } from '@selfsup/data';
import { renderReport } from '@selfsup/eval';
import type { ExperimentResult, ResultRow } from './experiment.ts';
import { percent, table } from './format.ts';
import { reportData } from './report-data.ts';
import type { Reporter } from './reporter.ts';
import type { RunFolder } from './run-folder.ts';

export interface ResultsOptions {
  readonly title: string;
  readonly result: ExperimentResult;
  readonly data: Splits;
  readonly config: Readonly<Record<string, unknown>>;
  readonly seed: number;
  readonly folder: RunFolder;
  readonly reporter: Reporter;
}

/** Prints the table and leaves `results.json` and `report.html` in the run's folder. */
export async function writeResults(options: ResultsOptions): Promise<void> {
  const { result, folder, reporter } = options;
  const rows = result.rows.map(({ knnProtocol, linearProtocol, ...row }) => ({
    ...row,
    protocol: `kNN: ${knnProtocol}; linear probe: ${linearProtocol}`,
  }));
  const { seconds } = result;
  await folder.writeJson('results.json', { seconds, rows });
  if (result.rows.length > 0) reporter.say(`\n${resultsTable(result.rows)}\n`);
  const [first] = result.rows;
  if (first) reporter.say(`In percent. kNN: ${first.knnProtocol}. Linear probe: ${first.linearProtocol}.`);
  reporter.progress('Drawing the report …');
  await folder.writeText('report.html', renderReport(await reportData(options)));
  reporter.record({ type: 'results', seconds, rows, folder: folder.path });
  reporter.say(`Everything of this run is in ${folder.path}; open report.html in a browser.`);
}

/** Accuracy in percent, a line per representation. */
function resultsTable(rows: readonly ResultRow[]): string {
  return table([
    ['', 'kNN', 'linear probe'],
    ...rows.map(({ name, knn, linear }) => [name, percent(knn), percent(linear)]),
  ]);
}
