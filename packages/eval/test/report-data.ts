import type { ReportData } from '../src/index.ts';

/** Class names as an attacker would name folders. */
export const hostileNames: readonly string[] = [
  '</script><script>window.hacked = 1</script>',
  '"><img src=x onerror="window.hacked = 2">',
  "' onmouseover='window.hacked = 3",
  '<!--<script>&amp;',
];

/** A report of two methods on twelve images of 4×3 pixels, with hostile text wherever text can be given. */
export function hostileReport(): ReportData {
  const name = hostileNames[1]!;
  const metrics = Array.from({ length: 500 }, (_, step) => ({
    step,
    epoch: Math.floor(step / 50),
    loss: Math.exp(-step / 100) - 1,
    std: 0.9,
    learningRate: 0.1,
    imagesPerSecond: 100 + (step % 7),
    ...(step % 50 === 49 ? { knn: 0.5 + step / 2000 } : {}),
  }));
  const map = Array.from({ length: 10 }, (_, i) => ({ x: Math.cos(i) * 3, y: Math.sin(i) * 5 }));
  const protocol = `weighted kNN ${name}`;
  return {
    title: `Report ${hostileNames[0]}`,
    config: { [name]: hostileNames[0]!, epochs: 10, fast: true },
    table: [
      { name, knn: { accuracy: 0.812, protocol }, linearProbe: { accuracy: 0.5, protocol: 'linear probe' }, std: 0.9, effectiveRank: 12.34 },
      { name: 'Raw pixels', knn: { accuracy: 0.7, protocol } },
    ],
    methods: [
      { name, metrics, map, neighbours: [{ query: 0, neighbours: [4, 1, 11] }] },
      { name: 'simsiam', metrics: metrics.slice(0, 3), map },
    ],
    images: { width: 4, height: 3, channels: 3, data: Uint8Array.from({ length: 12 * 36 }, (_, i) => (i * 7) % 256) },
    labels: Array.from({ length: 12 }, (_, i) => i % 4),
    classes: hostileNames,
  };
}
