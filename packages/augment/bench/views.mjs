// Views per second on one thread, ours and torchvision's in turns: decoded 8-bit images in, normalised floats out.
//   npm run bench [-- --json] [-- --only <part of a name>] [-- --rounds 5]        (in the package's folder, after a build)
import os from 'node:os';
import { parseArgs } from 'node:util';
import { byolCifar, byolImageNet, rngFor, simsiamCifar, simsiamImageNet } from '../dist/index.js';
import { howToInstall, startTorchvision } from './torchvision.mjs';

const { values: options } = parseArgs({
  options: {
    json: { type: 'boolean', default: false },
    only: { type: 'string', default: '' },
    rounds: { type: 'string', default: '5' },
  },
});

/** How many images a measurement takes, ours and the peer's: about half a second each. */
const cases = [
  { recipe: 'simsiam', views: simsiamCifar, source: 32, size: 32, goal: 10, images: 12_000, peerImages: 600 },
  { recipe: 'byol', views: byolCifar, source: 32, size: 32, goal: 10, images: 12_000, peerImages: 600 },
  { recipe: 'simsiam', views: simsiamImageNet, source: 256, size: 224, goal: 5, images: 300, peerImages: 48 },
  { recipe: 'byol', views: byolImageNet, source: 256, size: 224, goal: 5, images: 300, peerImages: 48 },
].map((one) => ({ ...one, name: `views/${one.recipe}-${one.size}` }));

const median = (numbers) => numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)];

/** A function that renders two views of `images` noise images and answers the seconds. */
function ours({ views, source, size }) {
  const { a, b } = views();
  const rng = rngFor(0);
  const noise = () => Uint8Array.from({ length: source * source * 3 }, () => rng.integer(256));
  const sources = Array.from({ length: 16 }, () => ({ data: noise(), height: source, width: source, channels: 3 }));
  const out = new Float32Array(size * size * 3);
  let epoch = 0;
  return (images) => {
    const start = performance.now();
    for (let index = 0; index < images; index++) {
      a.render(sources[index % 16], { seed: 0, epoch, index, view: 0 }, out);
      b.render(sources[index % 16], { seed: 0, epoch, index, view: 1 }, out);
    }
    epoch++;
    return (performance.now() - start) / 1000;
  };
}

async function measure(one, peer) {
  const { recipe, source, size, images, peerImages } = one;
  const run = ours(one);
  const runPeer = () => peer.time(recipe, source, size, peerImages);
  run(images);
  if (peer) await runPeer();
  const rates = { ours: [], peer: [] };
  for (let round = 0; round < Number(options.rounds); round++) {
    rates.ours.push((2 * images) / run(images));
    if (peer) rates.peer.push((2 * peerImages) / (await runPeer()));
  }
  return { ours: median(rates.ours), peer: peer ? median(rates.peer) : null };
}

const peer = await startTorchvision();
if (!peer) console.error(`torchvision is not installed, so there is nothing to compare with: ${howToInstall}`);
if (!options.json) {
  console.log(`${os.cpus()[0]?.model.trim()}, Node ${process.version}, one thread; median of ${options.rounds} runs, in turns\n`);
  console.log('name                      ours       torchvision    ratio   goal');
}
for (const one of cases.filter(({ name }) => name.includes(options.only))) {
  const { name, goal } = one;
  const rates = await measure(one, peer);
  const ratio = rates.peer && rates.ours / rates.peer;
  const holds = ratio && ratio >= goal;
  if (options.json) {
    const round = (x) => x && Number(x.toPrecision(4));
    console.log(JSON.stringify({ name, ours: round(rates.ours), peer: round(rates.peer), unit: 'views/s', ratio: round(ratio), goal, holds }));
  } else {
    const rate = (x) => (x ? `${Math.round(x)}/s` : '–').padStart(12);
    const verdict = ratio ? `${ratio.toFixed(1).padStart(7)}   ≥ ${goal} ${holds ? 'holds' : 'missed'}` : '';
    console.log(`${name.padEnd(18)}${rate(rates.ours)}${rate(rates.peer).padStart(18)} ${verdict}`);
  }
}
peer?.stop();
