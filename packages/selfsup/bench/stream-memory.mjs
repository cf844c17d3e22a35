// Memory while 1,000,000 records go through a shuffle buffer, a rendering thread and batches: the mean RSS in megabytes over
// each quarter of them, as a line of JSON.
import { streamSource } from '@selfsup/data';
import { workerViewBatches } from '@selfsup/data/node';

const length = 1_000_000;
const side = 8;
/** Records as they come from an archive: each of its own bytes, read when it is drawn. */
function* records() {
  for (let i = 0; i < length; i++) yield () => ({ data: new Uint8Array(side * side * 3).fill(i % 251), height: side, width: side, channels: 3 });
}
const source = streamSource({ name: 'records', channels: 3, length, open: records });
const views = { module: import.meta.resolve('@selfsup/augment'), export: 'simsiamCifar', args: [{ size: side, jitterProbability: 0 }] };
const batches = await workerViewBatches(source, { views, batchSize: 500, seed: 0, workers: 1, shuffleBuffer: 10_000 });

const sums = [0, 0, 0, 0];
let step = 0;
for await (const { indices } of batches.epoch(0)) {
  const quarter = Math.floor((4 * step++ * indices.length) / length);
  sums[quarter] += process.memoryUsage.rss() / 2 ** 20;
}
if (step !== batches.stepsPerEpoch) throw new Error(`${step} batches instead of ${batches.stepsPerEpoch}.`);
console.log(JSON.stringify(sums.map((sum) => (4 * sum) / step)));
await batches.close();
