import type { ClassLabels } from '../labels.ts';
import type { MapPoint } from '../umap.ts';

/** Everything that a report shows, as plain data: what is left out is not shown. */
export interface ReportData {
  readonly title: string;
  /** Settings to print, in this order. */
  readonly config: Readonly<Record<string, string | number | boolean>>;
  /** One row per representation: methods and baselines alike. */
  readonly table: readonly ReportRow[];
  readonly methods: readonly ReportMethod[];
  /** One pool of images, which maps and neighbours index into. */
  readonly images?: ReportImages | undefined;
  /** The class of each image of the pool. Labels colour the maps and mark the neighbours. */
  readonly labels?: ClassLabels | undefined;
  /** Names by label. */
  readonly classes?: readonly string[] | undefined;
}

export interface ReportScore {
  /** From 0 to 1. */
  readonly accuracy: number;
  /** As `knn` and `linearProbe` answer it. */
  readonly protocol: string;
}

export interface ReportRow {
  readonly name: string;
  readonly knn?: ReportScore | undefined;
  readonly linearProbe?: ReportScore | undefined;
  /** Of `outputStd`: 1 evenly spread, 0 collapsed. */
  readonly std?: number | undefined;
  /** Of `effectiveRank`. */
  readonly effectiveRank?: number | undefined;
}

export interface ReportMethod {
  readonly name: string;
  readonly metrics: readonly MetricPoint[];
  /** Point i belongs to image i. The pool may hold further images behind those of the map. */
  readonly map?: readonly MapPoint[] | undefined;
  readonly neighbours?: readonly NeighbourStrip[] | undefined;
}

/** One step, or one epoch, of a training. */
export interface MetricPoint {
  /** From 0. */
  readonly epoch: number;
  /** Optimizer steps taken, from 0. */
  readonly step: number;
  readonly loss: number;
  /** √dim · mean deviation of the normalised outputs: 1 evenly spread, 0 collapsed. */
  readonly std?: number | undefined;
  readonly learningRate?: number | undefined;
  readonly imagesPerSecond?: number | undefined;
  /** Accuracy of a kNN probe at this point, from 0 to 1. */
  readonly knn?: number | undefined;
}

/** A query image and the images nearest to it, nearest first, as indices of the pool. */
export interface NeighbourStrip {
  readonly query: number;
  readonly neighbours: readonly number[];
}

/** Images of one size: `data[((index · height + y) · width + x) · channels + c]`, 0–255, 1 to 4 channels. */
export interface ReportImages {
  readonly width: number;
  readonly height: number;
  readonly channels: number;
  readonly data: Uint8Array;
}
