/** One value of a training, where it was taken. */
export interface SeriesPoint {
  readonly step: number;
  readonly epoch: number;
  readonly y: number;
}

/** What stands for a stretch of the training. */
export interface ReducedPoint {
  readonly step: number;
  readonly epoch: number;
  readonly mean: number;
  readonly least: number;
  readonly most: number;
}

/** A line of a chart. */
export interface ChartSeries {
  readonly name: string;
  /** Index of the colour, the same for a method in every chart. */
  readonly colour: number;
  readonly points: readonly ReducedPoint[];
}

/** At most `most` points, each the mean, least and most of as many neighbouring values; it sits at its stretch's last step. */
export function reduceSeries(points: readonly SeriesPoint[], most: number = 200): readonly ReducedPoint[] {
  const size = Math.ceil(points.length / most);
  const reduced: ReducedPoint[] = [];
  for (let start = 0; start < points.length; start += size) {
    const stretch = points.slice(start, start + size);
    const { step, epoch } = stretch.at(-1)!;
    const values = stretch.map((point) => point.y);
    reduced.push({
      step,
      epoch,
      mean: values.reduce((sum, value) => sum + value, 0) / values.length,
      least: Math.min(...values),
      most: Math.max(...values),
    });
  }
  return reduced;
}
