// Views per second of the presets, on random 8-bit images, one thread.
//   node bench/views.mjs --recipe simsiam --source 32 --size 32 --images 2000     (after a build)
import { parseArgs } from 'node:util';
import { byolCifar, byolImageNet, rngFor, simsiamCifar, simsiamImageNet } from '../dist/index.js';

const { values } = parseArgs({
  options: {
    recipe: { type: 'string', default: 'simsiam' },
    source: { type: 'string', default: '32' },
    size: { type: 'string', default: '32' },
    images: { type: 'string', default: '2000' },
  },
});
const [source, size, images] = [values.source, values.size, values.images].map(Number);
const presets = values.recipe === 'byol' ? [byolCifar, byolImageNet] : [simsiamCifar, simsiamImageNet];
const { a, b } = presets[size > 64 ? 1 : 0]({ size });

const rng = rngFor(0);
const sources = Array.from({ length: 16 }, () => ({
  data: Uint8Array.from({ length: source * source * 3 }, () => rng.integer(256)),
  height: source,
  width: source,
  channels: 3,
}));
const out = new Float32Array(size * size * 3);
const run = (count, epoch) => {
  for (let index = 0; index < count; index++) {
    a.render(sources[index % 16], { seed: 0, epoch, index, view: 0 }, out);
    b.render(sources[index % 16], { seed: 0, epoch, index, view: 1 }, out);
  }
};
run(Math.min(images, 500), 0);
const start = performance.now();
run(images, 1);
const seconds = (performance.now() - start) / 1000;
console.log(JSON.stringify({ ...values, images_per_second: images / seconds, views_per_second: (2 * images) / seconds }));
