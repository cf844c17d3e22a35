import { UMAP } from 'umap-js';
import { EvalError } from './error.ts';
import type { Features } from './features.ts';
import { nearestNeighbours } from './nearest-neighbours.ts';
import { principalPlane } from './principal-plane.ts';
import { uniform } from './random.ts';
import { unitRows } from './similarity.ts';
import { yieldToEvents } from './yield-to-events.ts';

export interface UmapOptions {
  /** Draws the start's noise and the negative samples. */
  readonly seed: number;
  /** Size of the neighbourhood that is kept together, the point itself included. */
  readonly nNeighbors?: number;
  /** How close neighbours may lie on the map. */
  readonly minDist?: number;
  /** Rounds of the layout; umap-js chooses 200 to 500 by the number of points when it is left out. */
  readonly epochs?: number;
}

export interface MapPoint {
  readonly x: number;
  readonly y: number;
}

/** Cosine distances below this are noise of the float32 product. */
const smallestDistance = 1e-7;

/**
 * A two-dimensional UMAP of the features, one point per row, for the eye: no number should be read off it.
 *
 * Deviations from umap-js: neighbours are exact, by cosine distance 1 − cos(x, y), and the layout starts from the two
 * principal directions instead of at random, which keeps the large-scale arrangement and makes seeds agree better.
 * @throws EvalError `bad-option` when there are not more rows than `nNeighbors`, or for a seed that is not whole
 * @see McInnes, Healy & Melville 2018, "UMAP: Uniform Manifold Approximation and Projection"
 * @see Kobak & Linderman 2021, "Initialization is critical for preserving global data structure in both t-SNE and UMAP"
 */
export async function umap(features: Features, options: UmapOptions): Promise<readonly MapPoint[]> {
  const { seed, nNeighbors = 15, minDist = 0.1, epochs } = options;
  if (!Number.isInteger(nNeighbors) || nNeighbors < 2 || nNeighbors >= features.rows) {
    throw new EvalError(
      'bad-option',
      `nNeighbors is ${nNeighbors} for ${features.rows} rows; give a whole number from 2 to one less than the rows.`,
    );
  }
  if (!(minDist >= 0 && minDist < 1)) {
    throw new EvalError('bad-option', `minDist is ${minDist}; give a number from 0 to below 1 such as 0.1.`);
  }
  const random = uniform(seed);
  const k = nNeighbors - 1;
  const { indices, similarities } = await nearestNeighbours({ query: features, k });
  const rows = Array.from({ length: features.rows }, (_, row) => row);
  const model = new UMAP({ nNeighbors, minDist, random, ...(epochs === undefined ? {} : { nEpochs: epochs }) });
  model.setPrecomputedKNN(
    rows.map((row) => [row, ...indices.subarray(row * k, (row + 1) * k)]),
    rows.map((row) => [0, ...similarities.subarray(row * k, (row + 1) * k)].map(toDistance)),
  );
  // With neighbours given, umap-js reads nothing of the vectors but how many there are.
  const rounds = model.initializeFit(rows.map((row) => [row]));
  const layout = model.getEmbedding();
  const start = principalPlane({ ...features, data: unitRows(features) });
  const extent = start.reduce((most, entry) => Math.max(most, Math.abs(entry)), 1e-12);
  for (const [row, point] of layout.entries()) {
    for (let axis = 0; axis < 2; axis++) point[axis] = (10 * start[row * 2 + axis]!) / extent + 1e-3 * (random() - 0.5);
  }
  for (let round = 0; round < rounds; round++) {
    model.step();
    await yieldToEvents();
  }
  return layout.map(([x = 0, y = 0]) => ({ x, y }));
}

function toDistance(similarity: number, place: number): number {
  return place === 0 ? 0 : Math.max(smallestDistance, 1 - similarity);
}
