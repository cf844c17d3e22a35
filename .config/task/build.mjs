import { existsSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { bin, readJson, root, run, say } from './run.mjs';

const summaries = join(root, '.turbo', 'runs');

/** Runs a turbo task in every package and gives each package's outcome. */
export async function turbo(task, flags = []) {
  rmSync(summaries, { recursive: true, force: true });
  const { code } = await run(join(bin, 'turbo'), [
    'run', task, '--continue', '--summarize', '--output-logs=new-only', '--log-order=grouped', ...flags,
  ]);
  const file = existsSync(summaries) ? readdirSync(summaries)[0] : undefined;
  const tasks = file === undefined ? [] : readJson(join(summaries, file)).tasks.filter((entry) => entry.task === task);
  if (tasks.length === 0) return [{ name: `turbo run ${task} (exit code ${code})`, status: 'failed' }];
  return tasks.map((entry) => ({
    name: entry.package,
    directory: join(root, entry.directory),
    // A task that never ran, because one that it needs failed, has no exit code.
    status: entry.cache?.status === 'HIT' || entry.execution?.exitCode === 0 ? 'passed' : 'failed',
  }));
}

/** Builds what has changed since it was last built. */
export function build() {
  say('Building the packages (unchanged ones come from the cache)');
  return turbo('build');
}

/** Builds for a task that cannot go on without; gives the exit code. */
export async function buildOrExit() {
  const failed = (await build()).filter(({ status }) => status === 'failed');
  if (failed.length > 0) console.error(`\nThe build of ${failed.map(({ name }) => name).join(', ')} failed: see above.`);
  return failed.length > 0 ? 1 : 0;
}
