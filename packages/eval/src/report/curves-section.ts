import { escapeHtml } from './escape.ts';
import { drawLineChart } from './line-chart.ts';
import type { ChartModel, LineChart } from './line-chart.ts';
import type { MetricPoint, ReportMethod } from './report-data.ts';
import { reduceSeries } from './series.ts';
import type { ChartSeries } from './series.ts';

export interface CurvesSection {
  readonly html: string;
  /** In the order of the charts on the page. */
  readonly charts: readonly ChartModel[];
}

const xLabel = 'optimizer step';

/** Loss per method (losses of different methods do not compare), everything else of all methods in one chart. */
export function curvesSection(methods: readonly ReportMethod[]): CurvesSection {
  const all = methods.map((_method, index) => index);
  const series = (indices: readonly number[], read: (point: MetricPoint) => number | undefined): readonly ChartSeries[] =>
    indices.flatMap((index) => {
      const { name, metrics } = methods[index]!;
      const points = metrics.flatMap((point) => {
        const y = read(point);
        return y === undefined ? [] : [{ step: point.step, epoch: point.epoch, y }];
      });
      return points.length === 0 ? [] : [{ name, colour: index % 6, points: reduceSeries(points) }];
    });
  const charts: readonly LineChart[] = [
    ...all.map((index) => ({
      title: `Loss of ${methods[index]!.name}`,
      xLabel,
      yLabel: 'loss',
      series: series([index], (point) => point.loss),
    })),
    {
      title: 'Spread of the outputs',
      xLabel,
      yLabel: '√d · std of z / ‖z‖',
      series: series(all, (point) => point.std),
      include: [0, 1],
      guide: { y: 1, text: 'spread evenly (0: collapsed)' },
    },
    {
      title: 'kNN accuracy during training',
      xLabel,
      yLabel: 'kNN accuracy, %',
      series: series(all, (point) => (point.knn === undefined ? undefined : 100 * point.knn)),
    },
    { title: 'Learning rate', xLabel, yLabel: 'learning rate', series: series(all, (point) => point.learningRate), include: [0] },
    { title: 'Speed', xLabel, yLabel: 'images / s', series: series(all, (point) => point.imagesPerSecond), include: [0] },
  ];
  const shown = charts.filter((chart) => chart.series.length > 0);
  if (shown.length === 0) return { html: '', charts: [] };
  const drawn = shown.map(drawLineChart);
  const figures = shown.map((chart, i) => {
    const legend = chart.series.map(({ name, colour }) => `<span class="key s${colour}">${escapeHtml(name)}</span>`);
    return `<figure><figcaption><b>${escapeHtml(chart.title)}</b> ${legend.join(' ')}</figcaption>${drawn[i]!.svg}</figure>`;
  });
  const banded = shown.some((chart) => chart.series.some(({ points }) => points.some((point) => point.most > point.least)));
  const note = banded ? '<p class="note">Lines are means over neighbouring steps, bands reach from the least to the most of them.</p>' : '';
  return {
    html: `<section><h2>Training</h2><div class="charts">${figures.join('')}</div>${note}</section>`,
    charts: drawn.map(({ model }) => model),
  };
}
