// SimSiam's views of a folder of images by two threads: each line on standard input asks for an epoch, each answer is its seconds.
import { createInterface } from 'node:readline';
import { parseArgs } from 'node:util';
import { imageFolder, workerViewBatches } from '@selfsup/data/node';

const { values: options } = parseArgs({ options: { folder: { type: 'string' }, batch: { type: 'string', default: '64' }, jpeg: { type: 'string' } } });
const views = { module: import.meta.resolve('@selfsup/augment'), export: 'simsiamImageNet' };
const source = await imageFolder(options.folder, { jpeg: options.jpeg });
const batches = await workerViewBatches(source, { views, batchSize: Number(options.batch), seed: 0, workers: 2, reuse: true });

let number = 0;
async function epoch() {
  const start = performance.now();
  for await (const { indices } of batches.epoch(number++)) if (indices.length === 0) throw new Error('An empty batch.');
  return (performance.now() - start) / 1000;
}

await epoch();
console.log('ready');
for await (const _ of createInterface({ input: process.stdin })) console.log(await epoch());
