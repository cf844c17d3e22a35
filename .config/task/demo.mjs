import { join } from 'node:path';
import { buildOrExit } from './build.mjs';
import { root, run } from './run.mjs';

/** The main job: trains both methods on real images and shows what they learned. */
export async function demo(args) {
  const failed = await buildOrExit();
  if (failed) return failed;
  return (await run(process.execPath, [join(root, 'packages/selfsup/dist/cli.js'), 'demo', ...args], { stdout: 1 })).code;
}
