import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { buildOrExit } from './build.mjs';
import { root, run, say } from './run.mjs';

/** Runs `packages/<name>/bench/*.bench.mjs` one after the other; each gets the arguments (`--json`, `--only <name>`). */
export async function bench(args) {
  const failed = await buildOrExit();
  if (failed) return failed;
  let worst = 0;
  for (const name of readdirSync(join(root, 'packages'))) {
    const folder = join(root, 'packages', name, 'bench');
    if (!existsSync(folder)) continue;
    for (const file of readdirSync(folder).filter((entry) => entry.endsWith('.bench.mjs'))) {
      say(`${name}: ${file}`);
      const { code } = await run(process.execPath, [join(folder, file), ...args], { cwd: join(root, 'packages', name), stdout: 1 });
      worst ||= code;
    }
  }
  return worst;
}
