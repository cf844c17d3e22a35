import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { photoFolder } from './photos.mjs';
import { alternate, withSides } from './rounds.mjs';
import { asked, peerAsked } from './sides.mjs';

const here = (name) => fileURLToPath(new URL(name, import.meta.url));
const files = 768;
const batch = 64;

/** Photos to views by one of the two decoders. The command line decodes by the fast one unless told; the library by the exact one. */
function jpegFolder(name, jpeg, goal) {
  return {
    name,
    needsPeer: true,
    run: async ({ node, rounds }) => {
      const folder = await photoFolder(files);
      const sides = [() => asked(node, 'our-folder.mjs', { folder, batch, jpeg }), () => peerAsked('torch-folder.py', { folder, batch })];
      return withSides(sides, async (a, b) => {
        const [us, them] = await alternate([a, b], rounds);
        return { ours: files / us, peer: files / them, unit: `JPEGs/s of 500×375 to two views of 224 px, 2 threads, ${jpeg} decoder`, ratio: them / us, goal };
      });
    },
  };
}

function waiting(size, of) {
  return {
    name: `data/waiting-resnet18-${size}`,
    run: async ({ node, rounds }) => {
      const folder = size > 64 ? await photoFolder(files) : '';
      return withSides([() => asked(node, 'our-waiting.mjs', { size, batch: of, folder })], async (side) => {
        let share = 0;
        for (let round = 0; round < rounds; round++) share = await side.step();
        return { ours: 100 * share, peer: 100, unit: '% of a SimSiam step spent waiting for data', ratio: share, goal: 0.02, atMost: true };
      });
    },
  };
}

/** Reading images and rendering views, against torchvision and within limits of our own. */
export const dataGoals = [
  jpegFolder('data/jpeg-folder-224', 'fast', 3),
  jpegFolder('data/jpeg-folder-224-exact', 'exact'),
  waiting(32, 64),
  waiting(224, 16),
  {
    name: 'data/stream-memory',
    run: ({ node }) => {
      const quarters = JSON.parse(execFileSync(node, [here('stream-memory.mjs')], { encoding: 'utf8' }));
      const [, second, , last] = quarters;
      return { ours: last, peer: second, unit: 'MB RSS, last and second quarter of 1,000,000 records', ratio: last / second, goal: 1.05, atMost: true };
    },
  },
];
