import { existsSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { turbo } from './build.mjs';
import { bin, readJson, root, run, say } from './run.mjs';

/** One command that passes or fails as a whole. */
async function single(name, command, args, options) {
  const { code } = await run(command, args, options);
  return [{ name, status: code === 0 ? 'passed' : 'failed' }];
}

export function types() {
  say('Type checks: tsc in every package');
  return turbo('types');
}

export function lint() {
  say('Lint: oxlint');
  // AssemblyScript looks like TypeScript and is not.
  const args = ['--config', '.config/oxlint.json', '--ignore-pattern', '**/assembly/**', 'packages', '.config', 'docs/examples'];
  return single('oxlint', join(bin, 'oxlint'), args);
}

export function sherif() {
  say('One version of every dependency: sherif');
  return single('sherif', join(bin, 'sherif'), []);
}

export function knip() {
  say('Nothing unused: knip');
  return single('knip', join(bin, 'knip'), ['--config', '.config/knip.json', '--no-config-hints']);
}

/** The dependency arrows, counted test by test. */
export async function boundaries() {
  say('Boundaries between packages');
  const { code, output } = await run(
    process.execPath,
    ['--test', '--test-reporter=./.config/task/test-events.mjs', '.config/boundaries.test.mjs'],
    { capture: true },
  );
  const outcomes = output.split('\n').filter((line) => line.startsWith('{')).map((line) => JSON.parse(line));
  for (const { name, status, error } of outcomes) if (status === 'failed') console.log(`${name}: ${error}`);
  if (outcomes.length > 0) return outcomes;
  console.log(output);
  return [{ name: `node --test (exit code ${code})`, status: 'failed' }];
}

/** The tests of every package, by turbo: a package whose inputs have not changed keeps its last report. */
export async function units() {
  say('Unit tests: vitest in every package');
  for (const name of readdirSync(join(root, 'packages'))) rmSync(reportOf(join(root, 'packages', name)), { force: true });
  // One package at a time: vitest itself fills the cores with its workers.
  const results = await turbo('test', ['--concurrency=1']);
  return results.flatMap(({ name, directory, status }) => {
    const outcomes = directory && existsSync(reportOf(directory)) ? readReport(name, readJson(reportOf(directory))) : [];
    const explained = status === 'passed' || outcomes.some((outcome) => outcome.status === 'failed');
    return explained ? outcomes : [...outcomes, { name: `${name}: vitest`, status: 'failed' }];
  });
}

/** Written by `.config/vitest.ts`. */
const reportOf = (directory) => join(directory, '.turbo', 'test-report.json');

function readReport(packageName, report) {
  return report.testResults.flatMap((file) => {
    const outcomes = file.assertionResults.map(({ fullName, status }) => ({
      name: `${packageName}: ${fullName}`,
      status: status === 'passed' || status === 'failed' ? status : 'skipped',
    }));
    // A file that cannot be loaded has no tests to fail.
    const broken = file.status === 'failed' && !outcomes.some(({ status }) => status === 'failed');
    return broken ? [...outcomes, { name: `${packageName}: ${file.name}`, status: 'failed' }] : outcomes;
  });
}
