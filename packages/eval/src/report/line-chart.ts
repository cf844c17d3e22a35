import { escapeHtml } from './escape.ts';
import { compactNumber, niceTicks } from './number-format.ts';
import type { ChartSeries, ReducedPoint } from './series.ts';

export interface LineChart {
  readonly title: string;
  readonly xLabel: string;
  readonly yLabel: string;
  readonly series: readonly ChartSeries[];
  /** Values that the y axis must include. */
  readonly include?: readonly number[];
  /** A dashed line with its meaning. */
  readonly guide?: { readonly y: number; readonly text: string };
}

/** What the page's script needs to read values off a drawn chart. */
export interface ChartModel {
  readonly x: readonly [low: number, high: number];
  readonly series: readonly { readonly name: string; readonly colour: number; readonly points: readonly (readonly [step: number, epoch: number, y: number])[] }[];
}

export interface DrawnChart {
  readonly svg: string;
  readonly model: ChartModel;
}

/** The view box and the plot area in it; the script knows these too. */
export const chartBox = { width: 460, height: 280, left: 66, right: 450, top: 18, bottom: 226 } as const;

/** An SVG of lines over a common x axis, with a band from least to most where a point stands for several. */
export function drawLineChart(chart: LineChart): DrawnChart {
  const { left, right, top, bottom, width, height } = chartBox;
  const all = chart.series.flatMap((series) => series.points);
  const [x0, x1] = extent([0, ...all.map((point) => point.step)], 0);
  const heights = all.flatMap((point) => [point.least, point.most]).filter(Number.isFinite);
  const [y0, y1] = extent([...heights, ...(chart.include ?? [])], 0.06);
  const px = (x: number): number => left + ((x - x0) / (x1 - x0)) * (right - left);
  const py = (y: number): number => bottom - ((y - y0) / (y1 - y0)) * (bottom - top);
  const at = (point: ReducedPoint, y: number): string => `${fixed(px(point.step))} ${fixed(py(y))}`;

  const grid = niceTicks(y0, y1, 5).map(
    (y) => `<path class="grid" d="M${left} ${fixed(py(y))}H${right}"/>` +
      `<text class="tick" x="${left - 7}" y="${fixed(py(y) + 4)}" text-anchor="end">${compactNumber(y)}</text>`,
  );
  const ticks = niceTicks(x0, x1, 5).map(
    (x) => `<path class="grid" d="M${fixed(px(x))} ${bottom}v5"/>` +
      `<text class="tick" x="${fixed(px(x))}" y="${bottom + 21}" text-anchor="middle">${compactNumber(x)}</text>`,
  );
  const lines = chart.series.map(({ colour, points }) => {
    const runs = finiteRuns(points);
    const path = runs.map((run) => `M${run.map((point) => at(point, point.mean)).join('L')}`).join('');
    const bands = runs
      .filter((run) => run.some((point) => point.most > point.least))
      .map((run) => [...run.map((point) => at(point, point.most)), ...run.toReversed().map((point) => at(point, point.least))])
      .map((corners) => `M${corners.join('L')}Z`)
      .join('');
    const dots = points.length <= 40 ? runs.flat().map((point) => `M${at(point, point.mean)}h0`).join('') : '';
    return (
      (bands && `<path class="band s${colour}" d="${bands}"/>`) +
      `<path class="line s${colour}" d="${path}"/>` +
      (dots && `<path class="dots s${colour}" d="${dots}"/>`)
    );
  });
  const guide = chart.guide
    ? `<path class="guide" d="M${left} ${fixed(py(chart.guide.y))}H${right}"/>` +
      `<text class="tick" x="${right}" y="${fixed(py(chart.guide.y) - 5)}" text-anchor="end">${escapeHtml(chart.guide.text)}</text>`
    : '';
  const middle = (top + bottom) / 2;
  const svg =
    `<svg class="chart" viewBox="0 0 ${width} ${height}" role="img" tabindex="0" aria-label="${escapeHtml(chart.title)}; the arrow keys read its values">` +
    grid.join('') +
    ticks.join('') +
    `<path class="axis" d="M${left} ${bottom}H${right}"/>${guide}${lines.join('')}` +
    `<text class="label" x="${(left + right) / 2}" y="${height - 8}" text-anchor="middle">${escapeHtml(chart.xLabel)}</text>` +
    `<text class="label" transform="translate(15 ${middle})rotate(-90)" text-anchor="middle">${escapeHtml(chart.yLabel)}</text>` +
    `<path class="cursor" d="M0 ${top}V${bottom}"/></svg>`;
  const series = chart.series.flatMap(({ name, colour, points }) => {
    const finite = points.filter((point) => Number.isFinite(point.mean));
    if (finite.length === 0) return [];
    return [{ name, colour, points: finite.map((point) => [point.step, point.epoch, Number(point.mean.toPrecision(5))] as const) }];
  });
  return { svg, model: { x: [x0, x1], series } };
}

/** Smallest and largest, widened by a margin, and never the same. */
function extent(values: readonly number[], margin: number): readonly [number, number] {
  const low = values.reduce((least, value) => Math.min(least, value), Infinity);
  const high = values.reduce((most, value) => Math.max(most, value), -Infinity);
  if (low > high) return [0, 1];
  const room = high > low ? (high - low) * margin : Math.abs(low) * 0.1 || 1;
  return high > low ? [low - room, high + room] : [low - room, low + room];
}

function finiteRuns(points: readonly ReducedPoint[]): readonly (readonly ReducedPoint[])[] {
  const runs: ReducedPoint[][] = [[]];
  for (const point of points) {
    if (Number.isFinite(point.mean)) runs.at(-1)!.push(point);
    else runs.push([]);
  }
  return runs.filter((run) => run.length > 0);
}

function fixed(value: number): string {
  return String(Number(value.toFixed(1)));
}
