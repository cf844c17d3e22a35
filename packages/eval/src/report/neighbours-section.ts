import type { ClassLabels } from '../labels.ts';
import { escapeHtml } from './escape.ts';
import type { NeighbourStrip, ReportMethod } from './report-data.ts';
import { thumbnail } from './sprite.ts';

/** Per method, a row per query: the query and its nearest images, marked by whether they share its class. */
export function neighboursSection(
  methods: readonly ReportMethod[],
  labels: ClassLabels | undefined,
  classes: readonly string[],
  columns: number,
): string {
  const shown = methods.filter(({ neighbours }) => neighbours && neighbours.length > 0);
  if (shown.length === 0) return '';
  const nameOf = (index: number): string => (labels ? (classes[labels[index]!] ?? '') : `image ${index}`);
  const thumb = (index: number, kind: string, text: string): string =>
    `<span class="thumb${kind}" style="${thumbnail(index, columns)}" role="img" aria-label="${escapeHtml(text)}" title="${escapeHtml(text)}"></span>`;
  const strip = ({ query, neighbours }: NeighbourStrip): string => {
    const found = neighbours.map((index) => {
      if (!labels) return thumb(index, '', nameOf(index));
      const same = labels[index] === labels[query];
      return thumb(index, same ? ' same' : ' other', `${nameOf(index)} (${same ? 'same' : 'different'} class)`);
    });
    return `<div class="strip">${thumb(query, ' query', `Query: ${nameOf(query)}`)}<span class="found">${found.join('')}</span><small>${escapeHtml(nameOf(query))}</small></div>`;
  };
  const groups = shown.map(
    ({ name, neighbours }) => `<figure><figcaption><b>${escapeHtml(name)}</b>${share(neighbours!, labels)}</figcaption>${neighbours!.map(strip).join('')}</figure>`,
  );
  const legend = labels
    ? ' <span class="key-same">solid green</span>: same class as the query, <span class="key-other">dashed red</span>: another class.'
    : '';
  return `<section><h2>Nearest neighbours</h2><p class="note">A query and the images whose features are nearest to it by cosine, nearest first.${legend}</p><div class="neighbours">${groups.join('')}</div></section>`;
}

function share(strips: readonly NeighbourStrip[], labels: ClassLabels | undefined): string {
  if (!labels) return '';
  const all = strips.flatMap(({ query, neighbours }) => neighbours.map((index) => labels[index] === labels[query]));
  return ` ${all.filter(Boolean).length} of ${all.length} share the query's class`;
}
