import { mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { bin, inParallel, readJson, root, run, say } from './run.mjs';

let packing;

/** Packs every package into the scratch folder, once; `tarball` is undefined where that failed. */
export function packAll({ scratch }) {
  packing ??= pack(join(scratch, 'tarballs'));
  return packing;
}

async function pack(folder) {
  mkdirSync(folder, { recursive: true });
  return inParallel(readdirSync(join(root, 'packages')), 2, async (directory) => {
    const cwd = join(root, 'packages', directory);
    const { name, version } = readJson(join(cwd, 'package.json'));
    const { code, output } = await run(join(bin, 'pnpm'), ['pack', '--pack-destination', folder], { cwd, capture: true });
    if (code !== 0) console.log(`${name}: pnpm pack failed\n${output}`);
    const file = `${name.replace('@', '').replace('/', '-')}-${version}.tgz`;
    return { name, directory: cwd, tarball: code === 0 ? join(folder, file) : undefined };
  });
}

/** What a tarball must hold and what it must not. */
const required = ['package/package.json', 'package/README.md', 'package/LICENSE'];
const unwanted = /\.(test|test-d|bench)\.|\.tsbuildinfo$|^package\/(node_modules|test|\.turbo)\//;

/** Packs every package and looks at the tarball as its users will. */
export async function packages(context) {
  say('Packages: pnpm pack, then publint and attw on each tarball');
  const tools = {
    contents: async (tarball) => {
      const { code, output } = await run('tar', ['-tzf', tarball], { capture: true });
      const files = output.split('\n');
      const wrong = [
        ...required.filter((file) => !files.includes(file)).map((file) => `it lacks ${file}`),
        ...files.filter((file) => unwanted.test(file)).map((file) => `it should not hold ${file}`),
      ];
      return { code: code || Number(wrong.length > 0), output: code ? output : wrong.join('\n') };
    },
    publint: (tarball) => run(join(bin, 'publint'), ['run', tarball, '--strict'], { capture: true }),
    attw: (tarball) => run(join(bin, 'attw'), [tarball, '--profile', 'esm-only', '--no-color', '--no-emoji'], { capture: true }),
  };
  const packed = await packAll(context);
  const jobs = packed.flatMap(({ name, tarball }) => Object.entries(tools).map(([tool, check]) => ({ name, tarball, tool, check })));
  return inParallel(jobs, 2, async ({ name, tarball, tool, check }) => {
    const { code, output } = tarball ? await check(tarball) : { code: 1, output: 'there is no tarball' };
    if (code !== 0) console.log(`${name}: ${tool}\n${output}`);
    return { name: `${name}: ${tool}`, status: code === 0 ? 'passed' : 'failed' };
  });
}
