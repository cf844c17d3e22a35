// GFLOP/s of the engine's kernels (best of several), on one thread and on all:
//   node bench/kernels.mjs [--json] [--only <part of a name>] [--threads 1,2] [--batch 64] [--plain] [--seconds 0.5] [--cpu] [--rounds 9]
// and the share of one core's peak that the matrix product reaches (gemm/peak-share).
// --cpu counts the process's CPU time, for one thread on a machine that is busy with other things.
import os from 'node:os';
import { parseArgs } from 'node:util';
import { loadEngine } from './load-engine.mjs';
import { peakShareNames, peakShares } from './peak-share.mjs';

const { values: options } = parseArgs({
  options: {
    json: { type: 'boolean', default: false },
    only: { type: 'string', default: '' },
    threads: { type: 'string', default: [...new Set([1, Math.min(2, os.availableParallelism())])].join(',') },
    cpu: { type: 'boolean', default: false },
    batch: { type: 'string', default: '64' },
    plain: { type: 'boolean', default: false },
    seconds: { type: 'string', default: '0.5' },
    rounds: { type: 'string', default: '9' },
  },
});
const { createEngine, conv2d, conv2dFilterGrad, conv2dInputGrad, matMul } = await loadEngine();

const matMuls = [false, true].flatMap((transposeA) => [false, true].map((transposeB) => ({ transposeA, transposeB })));

const batch = Number(options.batch);
/** [batch, size, channels in, channels out, filter, stride]: the layers of a CIFAR ResNet, a 7×7 stem, and layers of the demo's network. */
const layers = [
  [batch, 32, 3, 64, 3, 1],
  [batch, 32, 64, 64, 3, 1],
  [batch, 16, 128, 128, 3, 1],
  [batch, 8, 256, 256, 3, 1],
  [batch, 4, 512, 512, 3, 1],
  [batch, 32, 64, 128, 3, 2],
  [batch, 8, 256, 512, 3, 2],
  [batch, 32, 64, 128, 1, 2],
  [batch, 32, 64, 256, 1, 1],
  [batch, 8, 1024, 256, 1, 1],
  [Math.ceil(batch / 16), 112, 3, 64, 7, 2],
  [batch, 28, 1, 16, 3, 1],
  [batch, 28, 16, 16, 3, 1],
  [batch, 28, 16, 32, 3, 2],
  [batch, 14, 32, 32, 3, 1],
  [batch, 7, 64, 64, 3, 1],
];

function convShape([batchSize, size, inChannels, outChannels, filter, stride]) {
  const out = Math.ceil(size / stride);
  const pad = Math.floor(Math.max(0, (out - 1) * stride + filter - size) / 2);
  return {
    batchSize, inHeight: size, inWidth: size, inChannels, outHeight: out, outWidth: out, outChannels, filterHeight: filter,
    filterWidth: filter, strideHeight: stride, strideWidth: stride, dilationHeight: 1, dilationWidth: 1, padTop: pad, padLeft: pad,
  };
}

function* cases() {
  for (const size of [1024, 256]) {
    for (const transpose of matMuls) {
      const name = `matMul ${transpose.transposeA ? 'aT' : 'a'}·${transpose.transposeB ? 'bT' : 'b'} ${size}`;
      const shape = { m: size, k: size, n: size, ...transpose };
      yield { name, flops: 2 * size ** 3, sizes: [size ** 2, size ** 2, size ** 2], run: (engine, at) => matMul(engine, ...at, shape) };
    }
  }
  const shape = { batch: 64, m: 64, k: 64, n: 64 };
  yield { name: 'matMul [64]×64³', flops: 2 * 64 ** 4, sizes: [64 ** 3, 64 ** 3, 64 ** 3], run: (engine, at) => matMul(engine, ...at, shape) };
  for (const layer of layers) {
    const s = convShape(layer);
    const [images, size, c, k, filter, stride] = layer;
    const flops = 2 * images * s.outHeight ** 2 * k * filter ** 2 * c;
    const [x, w, y] = [images * size ** 2 * c, filter ** 2 * c * k, images * s.outHeight ** 2 * k];
    const name = `${filter}×${filter}/${stride} ${size}px ${c}→${k} [${images}]`;
    yield { name: `conv ${name} forward`, flops, sizes: [x, w, y], run: (engine, at) => conv2d(engine, ...at, s) };
    yield { name: `conv ${name} input`, flops, sizes: [y, w, x], run: (engine, at) => conv2dInputGrad(engine, ...at, s) };
    yield { name: `conv ${name} filter`, flops, sizes: [x, y, w], run: (engine, at) => conv2dFilterGrad(engine, ...at, s) };
  }
}

/** Milliseconds. */
function clock() {
  if (!options.cpu) return performance.now();
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

/** Seconds of the fastest of many runs. */
function best(run) {
  for (let i = 0; i < 3; i++) run();
  let fastest = Infinity;
  const stop = performance.now() + 1000 * Number(options.seconds);
  for (let i = 0; i < 5 || performance.now() < stop; i++) {
    const start = clock();
    run();
    fastest = Math.min(fastest, clock() - start);
  }
  return fastest / 1000;
}

const threadCounts = options.threads.split(',').map(Number);
const engines = threadCounts.map((threads) => createEngine({ threads, relaxed: !options.plain }));
if (!options.json) {
  console.log(`${os.cpus()[0]?.model}, Node ${process.version}, ${engines[0].relaxed ? 'relaxed' : 'plain'} SIMD; GFLOP/s`);
}
for (const { name, flops, sizes, run } of cases()) {
  if (!name.includes(options.only)) continue;
  const rates = engines.map((engine) => {
    const at = sizes.map((size) => engine.alloc(4 * size));
    sizes.forEach((size, i) => {
      const view = engine.f32.subarray(at[i] / 4, at[i] / 4 + size);
      for (let j = 0; j < size; j++) view[j] = ((j * 7919) % 1000) / 1000 - 0.5;
    });
    const wholeRun = () => {
      run(engine, at);
      engine.finish();
    };
    const rate = flops / best(wholeRun) / 1e9;
    for (const address of at) engine.free(address);
    return rate;
  });
  if (options.json) {
    rates.forEach((rate, i) => console.log(JSON.stringify({ name, threads: threadCounts[i], gflops: Number(rate.toFixed(2)), node: process.version })));
  } else {
    console.log(name.padEnd(44), ...rates.map((rate, i) => `${threadCounts[i]}: ${rate.toFixed(1).padStart(6)}`));
  }
}
for (const engine of engines) engine.dispose();

const names = peakShareNames.filter((name) => name.includes(options.only));
const shareOptions = { createEngine, matMul, relaxed: !options.plain, rounds: Number(options.rounds), names };
for await (const row of names.length > 0 ? peakShares(shareOptions) : []) {
  if (options.json) console.log(JSON.stringify(row));
  else console.log(`${row.name.padEnd(44)} ${row.ours.toFixed(1)} ${row.peer.toFixed(1)} ${row.unit}, ratio ${row.ratio.toFixed(2)}, goal ≥ ${row.goal}: ${row.holds ? 'holds' : 'missed'}`);
}
