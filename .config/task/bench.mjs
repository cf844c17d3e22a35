import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { buildOrExit } from './build.mjs';
import { bin, readJson, root, run, say } from './run.mjs';

/** Runs the `bench` script of every package that has one; each gets the arguments (`--json`, `--only <name>`). */
export async function bench(args) {
  const failed = await buildOrExit();
  if (failed) return failed;
  let worst = 0;
  for (const name of readdirSync(join(root, 'packages'))) {
    const cwd = join(root, 'packages', name);
    if (!existsSync(join(cwd, 'package.json')) || !readJson(join(cwd, 'package.json')).scripts?.bench) continue;
    say(`Benchmark of ${name}`);
    // pnpm's own lines would spoil --json.
    const { code } = await run(join(bin, 'pnpm'), ['--silent', 'run', 'bench', ...args], { cwd, stdout: 1 });
    worst ||= code;
  }
  return worst;
}
