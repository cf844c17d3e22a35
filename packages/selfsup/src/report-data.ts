import { nearestNeighbours, umap } from '@selfsup/eval';
import type { Features, NeighbourStrip, ReportData, ReportMethod } from '@selfsup/eval';
import { isIndexed } from './data.ts';
import type { SourceFeatures } from './evaluation.ts';
import { mapSize, mappedSource, thumbnails } from './pictures.ts';
import type { ResultsOptions } from './results.ts';

const stripQueries = 10;
const stripNeighbours = 8;
const neighboursOfMap = 15;
/** Enough for a layout that starts from the principal plane; umap-js would take 500 for so few points. */
const epochsOfMap = 200;

/** What the report shows of an experiment: curves always, map and neighbours of what was trained to its end. */
export async function reportData({ title, result, data, config, seed }: ResultsOptions): Promise<ReportData> {
  const source = mappedSource(data);
  const { preprocessing } = result;
  const methods: ReportMethod[] = [];
  let shown: readonly number[] = [];
  for (const { name, curve, features: all } of result.methods) {
    const features = all && firstRows(all, mapSize(source, preprocessing));
    // The same for every method, since all of them read the same images.
    if (features) shown = features.indices;
    methods.push({ name, metrics: curve, ...(await drawings(features, seed)) });
  }
  const { about, ...settings } = config;
  const flat = { ...settings, ...(typeof about === 'object' ? about : {}) };
  const labels = source.labels && shown.map((index) => source.labels![index]!);
  return {
    title,
    config: Object.fromEntries(Object.entries(flat).map(([key, value]) => [key, printable(value)])),
    table: result.rows.map(({ name, knn, linear, knnProtocol, linearProtocol, spread }) => ({
      name,
      knn: { accuracy: knn, protocol: knnProtocol },
      linearProbe: { accuracy: linear, protocol: linearProtocol },
      ...spread,
    })),
    methods,
    images: shown.length > 0 && isIndexed(source) ? await thumbnails(source, shown, preprocessing) : undefined,
    labels: shown.length > 0 ? (labels ?? undefined) : undefined,
    classes: source.classes ?? undefined,
  };
}

async function drawings(features: Features | null, seed: number): Promise<Pick<ReportMethod, 'map' | 'neighbours'>> {
  if (!features || features.rows <= neighboursOfMap) return {};
  return { map: await umap(features, { seed, nNeighbors: neighboursOfMap, epochs: epochsOfMap }), neighbours: await strips(features) };
}

async function strips(features: Features): Promise<readonly NeighbourStrip[]> {
  const stride = Math.max(1, Math.floor(features.rows / stripQueries));
  const queries = Array.from({ length: Math.min(stripQueries, features.rows) }, (_, i) => i * stride);
  const { indices, k } = await nearestNeighbours({ query: features, k: Math.min(stripNeighbours, features.rows - 1) });
  return queries.map((query) => ({ query, neighbours: [...indices.subarray(query * k, (query + 1) * k)] }));
}

function firstRows({ data, rows, dim, indices }: SourceFeatures, most: number): SourceFeatures {
  const count = Math.min(rows, most);
  return { data: data.subarray(0, count * dim), rows: count, dim, indices: indices.slice(0, count) };
}

function printable(value: unknown): string | number | boolean {
  return typeof value === 'number' || typeof value === 'boolean' ? value : String(value);
}
