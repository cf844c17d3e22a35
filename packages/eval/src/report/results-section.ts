import { escapeHtml } from './escape.ts';
import { percent } from './number-format.ts';
import type { ReportRow, ReportScore } from './report-data.ts';

/** The table of accuracies, each with the protocol that it was measured by. */
export function resultsSection(rows: readonly ReportRow[]): string {
  if (rows.length === 0) return '';
  const protocols = [...new Set(rows.flatMap(({ knn, linearProbe }) => [knn, linearProbe]).flatMap((score) => score?.protocol ?? []))];
  const columns = [
    scoreColumn('kNN', rows, (row) => row.knn, protocols),
    scoreColumn('Linear probe', rows, (row) => row.linearProbe, protocols),
    numberColumn('Spread', 2, rows, (row) => row.std),
    numberColumn('Rank', 1, rows, (row) => row.effectiveRank),
  ].filter((column) => column !== null);
  const head = columns.map(({ title }) => `<th scope="col">${title}</th>`).join('');
  const body = rows.map(
    ({ name }, r) => `<tr><th scope="row">${escapeHtml(name)}</th>${columns.map(({ cells }) => cells[r]).join('')}</tr>`,
  );
  const notes = protocols.map((protocol) => `<li>${escapeHtml(protocol)}</li>`);
  const about = [
    rows.some((row) => row.std !== undefined) ? 'Spread is √d times the mean deviation of the normalised features: 1 spread evenly, 0 collapsed.' : '',
    rows.some((row) => row.effectiveRank !== undefined) ? 'Rank is the effective rank: how many directions the features use.' : '',
  ].filter((text) => text !== '');
  return (
    '<section><h2>Results</h2><div class="scroll"><table><thead><tr><th scope="col">Representation</th>' +
    `${head}</tr></thead><tbody>${body.join('')}</tbody></table></div>` +
    (notes.length > 0 ? `<ol class="note">${notes.join('')}</ol>` : '') +
    (about.length > 0 ? `<p class="note">${about.join(' ')}</p>` : '') +
    '</section>'
  );
}

interface Column {
  readonly title: string;
  readonly cells: readonly string[];
}

function scoreColumn(
  title: string,
  rows: readonly ReportRow[],
  read: (row: ReportRow) => ReportScore | undefined,
  protocols: readonly string[],
): Column | null {
  const scores = rows.map(read);
  if (scores.every((score) => score === undefined)) return null;
  const best = Math.max(...scores.map((score) => score?.accuracy ?? -Infinity));
  const cells = scores.map((score) => {
    if (!score) return '<td class="none">–</td>';
    const mark = `<sup>${protocols.indexOf(score.protocol) + 1}</sup>`;
    const share = Math.min(1, Math.max(0, score.accuracy || 0));
    const bar = `<span class="bar"><span style="width:${(100 * share).toFixed(1)}%"></span></span>`;
    return `<td${score.accuracy === best ? ' class="best"' : ''}>${percent(score.accuracy)}${mark}${bar}</td>`;
  });
  return { title, cells };
}

function numberColumn(
  title: string,
  digits: number,
  rows: readonly ReportRow[],
  read: (row: ReportRow) => number | undefined,
): Column | null {
  const values = rows.map(read);
  if (values.every((value) => value === undefined)) return null;
  const cells = values.map((value) =>
    value === undefined ? '<td class="none">–</td>' : `<td>${value.toFixed(digits)}</td>`,
  );
  return { title, cells };
}
