import { checkFeatures } from './features.ts';
import type { Features } from './features.ts';
import { checkNeighbours } from './knn.ts';
import { checkSameDim } from './labels.ts';
import { eachCosineRow } from './similarity.ts';
import { topK } from './top-k.ts';

export interface NearestNeighboursOptions {
  readonly query: Features;
  /** Where to look. Without it the query rows look among themselves, and no row finds itself. */
  readonly gallery?: Features;
  readonly k: number;
}

export interface NearestNeighbours {
  /** Gallery rows `[query rows, k]`, the nearest first; equally near ones by row. */
  readonly indices: Int32Array;
  /** Their cosine similarities `[query rows, k]`. */
  readonly similarities: Float32Array;
  readonly k: number;
}

/**
 * The `k` rows of the gallery with the largest cosine similarity to each query row, by exhaustive search.
 * @throws EvalError `mismatch` for other dimensions, `bad-option` when the gallery has fewer than `k` rows to choose from
 */
export async function nearestNeighbours(options: NearestNeighboursOptions): Promise<NearestNeighbours> {
  const { query, gallery = query, k } = options;
  checkFeatures('query', query);
  checkFeatures('gallery', gallery);
  checkSameDim(query, gallery, ['query', 'gallery']);
  const among = options.gallery === undefined;
  checkNeighbours(k, gallery.rows - (among ? 1 : 0));
  const indices = new Int32Array(query.rows * k);
  const similarities = new Float32Array(query.rows * k);
  await eachCosineRow(query, gallery, (row, cosines) => {
    const own = indices.subarray(row * k, (row + 1) * k);
    topK(cosines, k, own, similarities.subarray(row * k, (row + 1) * k), among ? row : -1);
  });
  return { indices, similarities, k };
}
