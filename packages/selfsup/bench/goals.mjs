import { dataGoals } from './data-goals.mjs';
import { alternate, inTurns, withSides } from './rounds.mjs';
import { ours, torch } from './sides.mjs';

/** Whether this Node has relaxed SIMD without a flag, which the higher goals are for. */
const isNewNode = (version) => Number(version.slice(1).split('.')[0]) >= 22;

function againstTorch(name, options, goalOf) {
  const { batch = 64 } = options;
  return {
    name,
    needsPeer: true,
    run: ({ node, version, rounds }) =>
      withSides([() => ours(node, options), () => torch(options)], async (a, b) => {
        const [us, them] = await alternate([a, b], rounds);
        return { ours: batch / us, peer: batch / them, unit: 'images/s', ratio: them / us, goal: goalOf(version) };
      }),
  };
}

const batches = [16, 32, 64, 128];
const images = Math.max(...batches);
const stepGoal = (version) => (isNewNode(version) ? 2 : 1.5);

/**
 * What the benchmark measures: each answers both figures, their ratio and the goal, if there is one, `atMost` where less is better; or `rows` of
 * them that belong together.
 */
export const goals = [
  againstTorch('step/simsiam-resnet18', { method: 'simsiam', backbone: 'resnet18' }, stepGoal),
  againstTorch('step/byol-resnet18', { method: 'byol', backbone: 'resnet18' }, stepGoal),
  againstTorch('step/simsiam-resnet50', { method: 'simsiam', backbone: 'resnet50', batch: 32 }, () => 1),
  {
    name: 'memory/simsiam-resnet18',
    needsPeer: true,
    run: ({ node }) =>
      withSides([() => ours(node, {}), () => torch({})], async (a, b) => {
        await alternate([a, b], 2);
        const [us, them] = [await a.memory(), await b.memory()];
        return { ours: us, peer: them, unit: 'MB peak RSS', ratio: us / them, goal: 1, atMost: true };
      }),
  },
  {
    name: 'threads/simsiam-resnet18',
    run: ({ node, rounds }) =>
      withSides([() => ours(node, { threads: 2 }), () => ours(node, { threads: 1 })], async (two, one) => {
        const [us, them] = await alternate([two, one], rounds);
        return { ours: 64 / us, peer: 64 / them, unit: 'images/s, 2 threads and 1', ratio: them / us, goal: 1.8 };
      }),
  },
  {
    name: 'batch/simsiam-resnet18',
    rows: batches.map((batch) => `batch/${batch}`),
    run: ({ node, rounds }) =>
      withSides(batches.map((batch) => () => ours(node, { batch })), async (...sides) => {
        // A turn is as many images for all: a training takes its steps one after the other, too.
        const turns = sides.map((side, index) => inTurns(side, images / batches[index]));
        const rates = (await alternate(turns, rounds)).map((seconds) => images / seconds);
        const best = Math.max(...rates);
        return rates.map((rate, index) => ({
          name: `batch/${batches[index]}`, ours: rate, peer: best, unit: 'images/s, SimSiam ResNet-18, and the best', ratio: rate / best, goal: 0.85,
        }));
      }),
  },
  {
    name: 'profile/simsiam-resnet18',
    run: ({ node, rounds, log }) =>
      withSides([() => ours(node, { profile: true })], async (side) => {
        let total = 0;
        for (let round = 0; round < rounds; round++) total += await side.step();
        const kernels = await side.profile();
        const isProduct = ({ kernel }) => /Conv2D|MatMul/.test(kernel);
        const products = kernels.filter(isProduct).reduce((sum, { seconds }) => sum + seconds, 0);
        for (const { kernel, seconds, calls } of kernels.slice(0, 12)) {
          log(`  ${kernel.padEnd(28)} ${((100 * seconds) / total).toFixed(1).padStart(5)} %  ${(calls / rounds).toFixed(0).padStart(4)} calls a step`);
        }
        return { ours: total - products, peer: total, unit: 's outside convolution and matMul, and in all', ratio: 1 - products / total, goal: 0.15, atMost: true };
      }),
  },
  ...dataGoals,
];
