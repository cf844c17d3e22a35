import type { ImageSource } from '@selfsup/data';
import { effectiveRank, nearestNeighbours, outputStd, umap } from '@selfsup/eval';
import type { Features, NeighbourStrip, ReportData, ReportImages, ReportMethod } from '@selfsup/eval';
import type { TrainedMethod } from './experiment.ts';
import type { ResultsOptions } from './results.ts';

/** Images of the map at most; more would make the file large and the map a blot. */
const mapImages = 2000;
const stripQueries = 10;
const stripNeighbours = 8;

/** What the report shows of an experiment: curves always, map and neighbours where there are test images. */
export async function reportData({ title, result, data, config, seed }: ResultsOptions): Promise<ReportData> {
  const images = data.test && (await imagePool(data.test));
  const shown = images ? images.data.length / (images.height * images.width * images.channels) : 0;
  const methods: ReportMethod[] = [];
  const geometry = new Map<string, { readonly std: number; readonly effectiveRank: number }>();
  for (const method of result.methods) {
    const features = method.testFeatures && firstRows(method.testFeatures, shown);
    methods.push({ name: method.name, metrics: method.result.epochs, ...(await drawings(features, seed)) });
    if (features && features.rows > 1) {
      geometry.set(method.name, { std: outputStd(features), effectiveRank: effectiveRank(features) });
    }
  }
  return {
    title,
    config: Object.fromEntries(Object.entries(config).map(([key, value]) => [key, printable(value)])),
    table: result.rows.map(({ name, knn, linear, knnProtocol, linearProtocol }) => ({
      name,
      knn: { accuracy: knn, protocol: knnProtocol },
      linearProbe: { accuracy: linear, protocol: linearProtocol },
      ...geometry.get(name),
    })),
    methods,
    images: images ?? undefined,
    labels: data.test?.labels?.slice(0, shown),
    classes: data.test?.classes ?? undefined,
  };
}

async function drawings(features: Features | null, seed: number): Promise<Pick<ReportMethod, 'map' | 'neighbours'>> {
  if (!features || features.rows <= neighboursOfMap) return {};
  return { map: await umap(features, { seed, nNeighbors: neighboursOfMap }), neighbours: await strips(features) };
}

const neighboursOfMap = 15;

async function strips(features: Features): Promise<readonly NeighbourStrip[]> {
  const stride = Math.max(1, Math.floor(features.rows / stripQueries));
  const queries = Array.from({ length: Math.min(stripQueries, features.rows) }, (_, i) => i * stride);
  const { indices, k } = await nearestNeighbours({ query: features, k: Math.min(stripNeighbours, features.rows - 1) });
  return queries.map((query) => ({ query, neighbours: [...indices.subarray(query * k, (query + 1) * k)] }));
}

/** The first test images as one array, or null when they are not all of one size. */
async function imagePool(source: ImageSource): Promise<ReportImages | null> {
  if (!source.size) return null;
  const { height, width } = source.size;
  const { channels } = source;
  const count = Math.min(source.length, mapImages);
  const pixels = height * width * channels;
  const data = new Uint8Array(count * pixels);
  for (let i = 0; i < count; i++) data.set((await source.read(i)).data, i * pixels);
  return { width, height, channels, data };
}

function firstRows(features: NonNullable<TrainedMethod['testFeatures']>, rows: number): Features {
  return { data: features.data.subarray(0, rows * features.dim), rows, dim: features.dim };
}

function printable(value: unknown): string | number | boolean {
  return typeof value === 'number' || typeof value === 'boolean' ? value : value === null ? 'default' : String(value);
}
