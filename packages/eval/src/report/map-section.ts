import type { ClassLabels } from '../labels.ts';
import type { MapPoint } from '../umap.ts';
import { escapeHtml } from './escape.ts';
import type { ReportMethod } from './report-data.ts';

export interface MapSection {
  readonly html: string;
  /** Per map: x and y of every point in turn, in the units of the drawing. */
  readonly points: readonly (readonly number[])[];
}

interface Drawing {
  readonly points: readonly number[];
  readonly height: number;
}

/** Width of the drawing (the script knows it too), its largest height, and what stays free around the points. */
const side = 1000;
const margin = 24;

/** One drawing per method, points coloured by class, and one legend for all of them. */
export function mapSection(methods: readonly ReportMethod[], labels: ClassLabels, classes: readonly string[]): MapSection {
  const mapped = methods.filter(({ map }) => map && map.length > 0);
  if (mapped.length === 0) return { html: '', points: [] };
  const drawings = mapped.map(({ map }) => fitted(map!));
  const figures = mapped.map(({ name }, m) => {
    const paths = classes.map(() => '');
    const { points, height } = drawings[m]!;
    for (let i = 0; i < points.length; i += 2) {
      const label = labels[i / 2] ?? 0;
      paths[label] = `${paths[label] ?? ''}M${points[i]} ${points[i + 1]}h0`;
    }
    const drawn = paths.map((d, label) => (d ? `<path class="k${label}" data-class="${label}" d="${d}"/>` : ''));
    return (
      `<figure><figcaption><b>${escapeHtml(name)}</b></figcaption>` +
      `<svg class="map" viewBox="0 0 ${side} ${height}" role="img" aria-label="Map of ${escapeHtml(name)}">${drawn.join('')}` +
      '<circle class="mark" r="13"/></svg></figure>'
    );
  });
  const legend = classes.map(
    (name, label) => `<button type="button" class="k${label}" data-class="${label}" aria-pressed="false">${escapeHtml(name)}</button>`,
  );
  return {
    html:
      '<section><h2>Map of the representation</h2><p class="note">UMAP of the features. Distances between far groups mean little. ' +
      `Point at a dot to see its image, press a class to single it out.</p><div class="legend">${legend.join('')}</div>` +
      `<div class="maps">${figures.join('')}</div></section>`,
    points: drawings.map(({ points }) => points),
  };
}

/** The points in the middle of a drawing as wide as `side`, and as high as they need; x and y on one scale. */
function fitted(map: readonly MapPoint[]): Drawing {
  const horizontal = range(map.map(({ x }) => x));
  const vertical = range(map.map(({ y }) => y));
  const scale = (side - 2 * margin) / (Math.max(horizontal.extent, vertical.extent) || 1);
  const height = Math.round(Math.max(side / 2, vertical.extent * scale + 2 * margin));
  const points = map.flatMap(({ x, y }) => [
    Math.round(side / 2 + (x - horizontal.middle) * scale),
    Math.round(height / 2 - (y - vertical.middle) * scale),
  ]);
  return { points, height };
}

function range(values: readonly number[]): { readonly middle: number; readonly extent: number } {
  const low = values.reduce((least, value) => Math.min(least, value), Infinity);
  const high = values.reduce((most, value) => Math.max(most, value), -Infinity);
  return { middle: (low + high) / 2, extent: high - low };
}
