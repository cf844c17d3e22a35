import { existsSync, readdirSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { buildOrExit } from './build.mjs';
import { bin, readJson, root, run, say } from './run.mjs';

/**
 * Runs the `bench` script of every package that has one; each gets the arguments (`--json`, `--only <name>`), but `--node <path>`,
 * the Node they run on.
 */
export async function bench(given) {
  const { node, args } = takeNode(given);
  const env = node === undefined ? {} : { PATH: [dirname(node), bin, process.env.PATH].join(delimiter) };
  const failed = await buildOrExit();
  if (failed) return failed;
  let worst = 0;
  for (const name of readdirSync(join(root, 'packages'))) {
    const cwd = join(root, 'packages', name);
    if (!existsSync(join(cwd, 'package.json')) || !readJson(join(cwd, 'package.json')).scripts?.bench) continue;
    say(`Benchmark of ${name}`);
    // pnpm's own lines would spoil --json.
    const { code } = await run(join(bin, 'pnpm'), ['--silent', 'run', 'bench', ...args], { cwd, env, stdout: 1 });
    worst ||= code;
  }
  return worst;
}

function takeNode(args) {
  const at = args.indexOf('--node');
  return at < 0 ? { node: undefined, args } : { node: args[at + 1], args: args.toSpliced(at, 2) };
}
