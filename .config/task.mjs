// `npm test`, `npm run demo`, `npm run bench`: sets up what is missing, builds what changed, then does the task.
// Plain JavaScript without dependencies, since nothing is installed when it first runs.
import { readFileSync } from 'node:fs';

const manifest = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'));

/** `[20, 19]` of `>=20.19` or of `20.19.4`. */
const majorMinor = (version) => /(\d+)\.(\d+)/.exec(version).slice(1).map(Number);

const tasks = {
  setup: { about: 'installs the locked dependencies', run: () => undefined },
  build: { about: 'builds what has changed', run: async () => (await import('./task/build.mjs')).buildOrExit() },
  demo: {
    about: 'trains SimSiam and BYOL on real images and shows what they learned: npm run demo [-- options of selfsup demo]',
    run: async (args) => (await import('./task/demo.mjs')).demo(args),
  },
  bench: {
    about: 'runs the benchmarks of every package that has some: npm run bench [-- --only <name>] [-- --json] [-- --node <path of another Node>]',
    run: async (args) => (await import('./task/bench.mjs')).bench(args),
  },
  test: {
    about: async () => `runs every check, or those named: npm test [-- ${(await import('./task/test.mjs')).checkNames.join(' ')}]`,
    run: async (args) => (await import('./task/test.mjs')).test(args),
  },
};

const [needMajor, needMinor] = majorMinor(manifest.engines.node);
const [major, minor] = majorMinor(process.versions.node);
const [name, ...args] = process.argv.slice(2);
if (major < needMajor || (major === needMajor && minor < needMinor)) {
  console.error(`selfsup needs Node ${manifest.engines.node.replace('>=', '')} or newer, and this is Node ${process.versions.node}: install a newer one from https://nodejs.org.`);
  process.exitCode = 1;
} else if (!Object.hasOwn(tasks, name)) {
  console.error(`There is no task "${name ?? ''}"; the tasks are ${Object.keys(tasks).join(', ')}.`);
  process.exitCode = 2;
} else if (name !== 'demo' && args.some((arg) => arg === '--help' || arg === '-h')) {
  // The demo has a help of its own, which it takes from the command line.
  const { about } = tasks[name];
  console.log(`${name} ${typeof about === 'string' ? about : await about()}.`);
  console.log(`It installs and builds what is missing first. The other tasks: ${Object.keys(tasks).filter((other) => other !== name).join(', ')}.`);
} else {
  const { setUp } = await import('./task/setup.mjs');
  process.exitCode = (await setUp(manifest)) || (await tasks[name].run(args)) || 0;
}
