import type { Splits } from '@selfsup/data';
import type { ExperimentResult, ResultRow } from './experiment.ts';
import { percent, table } from './format.ts';
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
  const { seconds, rows } = result;
  await folder.writeJson('results.json', { seconds, rows });
  reporter.record({ type: 'results', seconds, rows, folder: folder.path });
  if (rows.length > 0) reporter.say(`\n${resultsTable(rows)}\n`);
  const [first] = rows;
  if (first) reporter.say(first.protocol);
  reporter.say(`Everything of this run is in ${folder.path}`);
}

/** Accuracy in percent, a line per representation. */
export function resultsTable(rows: readonly ResultRow[]): string {
  return table([
    ['', 'kNN', 'linear probe'],
    ...rows.map(({ name, knn, linear }) => [name, percent(knn), percent(linear)]),
  ]);
}
