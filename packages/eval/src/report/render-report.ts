import { checkReport } from './check-report.ts';
import { classColours } from './class-colours.ts';
import { client } from './client.ts';
import { configSection } from './config-section.ts';
import { curvesSection } from './curves-section.ts';
import { escapeHtml, scriptJson } from './escape.ts';
import { mapSection } from './map-section.ts';
import { neighboursSection } from './neighbours-section.ts';
import type { ReportData } from './report-data.ts';
import { resultsSection } from './results-section.ts';
import { buildSprite } from './sprite.ts';
import { style } from './style.ts';

/** Nothing may be fetched, wherever the file is opened. */
const policy = "default-src 'none'; img-src data:; style-src 'unsafe-inline'; script-src 'unsafe-inline'";

/**
 * One HTML page that stands alone: results, training curves, maps with the image under the pointer, nearest neighbours.
 *
 * It makes no request, works from a file, in light and dark mode, and shows everything but the tooltips without its
 * script. Every text is escaped. Images are stored uncompressed: the page is about
 * 4/3 · images · height · width · channels bytes, larger sides averaged down to at most 64 pixels.
 * @throws EvalError `mismatch` when labels, maps or neighbours do not fit the pool of images
 */
export function renderReport(run: ReportData): string {
  checkReport(run);
  const { title, config, table, methods, images } = run;
  const labels = run.labels;
  const classes = run.classes ?? unnamed(labels);
  const sprite = images && images.data.length > 0 ? buildSprite(images) : null;
  const curves = curvesSection(methods);
  const map = mapSection(methods, labels ?? new Uint8Array(longestMap(methods)), labels ? classes : ['image']);
  const colours = classColours(labels ? classes.length : 1).map((colour, label) => `.k${label}{--k:${colour}}`);
  const thumbs = sprite
    ? `.thumb{background-image:url(${sprite.url})}:root{--columns:${sprite.columns};--rows:${sprite.rows};--aspect:${sprite.aspect}}`
    : ':root{--columns:1;--rows:1;--aspect:1}';
  const data = {
    charts: curves.charts,
    maps: map.points,
    labels: Array.from({ length: longestMap(methods) }, (_, i) => labels?.[i] ?? 0),
    classes: labels ? classes : [],
    columns: sprite?.columns ?? 0,
  };
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<title>${escapeHtml(title)}</title>
<style>${style}${colours.join('')}${thumbs}</style>
</head>
<body>
<h1>${escapeHtml(title)}</h1>
${resultsSection(table)}
${curves.html}
${map.html}
${sprite ? neighboursSection(methods, labels, classes, sprite.columns) : ''}
${configSection(config)}
<div id="tip" role="status" hidden></div>
<script type="application/json" id="data">${scriptJson(data)}</script>
<script>${client}</script>
</body>
</html>
`;
}

function longestMap(methods: ReportData['methods']): number {
  return Math.max(0, ...methods.map(({ map }) => map?.length ?? 0));
}

function unnamed(labels: ReportData['labels']): readonly string[] {
  let count = 0;
  for (let i = 0; i < (labels?.length ?? 0); i++) count = Math.max(count, labels![i]! + 1);
  return Array.from({ length: count }, (_, label) => `class ${label}`);
}
