import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from './build.mjs';
import { findChromium, howToInstallChromium } from './chromium.mjs';
import { endToEnd } from './end-to-end.mjs';
import { outsideExample, readmes } from './outside.mjs';
import { packages } from './packed.mjs';
import { boundaries, knip, lint, sherif, types, units } from './source-checks.mjs';

/** In order. Each answers with its outcomes: `{ name, status: 'passed' | 'failed' | 'skipped' }`. */
const checks = {
  types,
  lint,
  boundaries,
  sherif,
  knip,
  unit: units,
  packages,
  example: outsideExample,
  readmes,
  'end-to-end': endToEnd,
};

export const checkNames = Object.keys(checks);

/**
 * Runs every check, or only those named, and goes on after a failure so that one run shows them all.
 * The last line is `N passed, M failed`.
 */
export async function test(names) {
  const unknown = names.find((name) => !Object.hasOwn(checks, name));
  if (unknown !== undefined) {
    console.error(`There is no check "${unknown}"; the checks are ${checkNames.join(', ')}.`);
    return 2;
  }
  const scratch = mkdtempSync(join(tmpdir(), 'selfsup-'));
  process.on('exit', () => rmSync(scratch, { recursive: true, force: true }));
  const context = { scratch, chromium: findChromium() };
  process.env.SELFSUP_CHROMIUM = context.chromium ?? '';

  const rows = [];
  for (const [name, check] of Object.entries({ build, ...checks })) {
    if (name !== 'build' && names.length > 0 && !names.includes(name)) continue;
    const since = Date.now();
    const outcomes = await check(context);
    rows.push({ name, outcomes, seconds: (Date.now() - since) / 1000 });
  }
  return summarise(rows, context);
}

const having = (outcomes, status) => outcomes.filter((outcome) => outcome.status === status);

function summarise(rows, { chromium }) {
  const all = rows.flatMap(({ name, outcomes }) => outcomes.map((outcome) => ({ ...outcome, name: `${name}: ${outcome.name}` })));

  console.log('\n== Summary');
  for (const { name, outcomes, seconds } of rows) {
    const skipped = having(outcomes, 'skipped').length;
    const counts = `${having(outcomes, 'passed').length} passed, ${having(outcomes, 'failed').length} failed`;
    console.log(`${name.padEnd(11)} ${seconds.toFixed(0).padStart(4)} s   ${counts}${skipped ? `, ${skipped} skipped` : ''}`);
  }
  for (const status of ['failed', 'skipped']) {
    const found = having(all, status);
    if (found.length > 0) console.log(`\n${status}:\n${found.map(({ name }) => `  ${name}`).join('\n')}`);
  }
  if (!chromium) console.log(`\nBrowser tests were skipped, since chromium was not found: ${howToInstallChromium}`);
  const failed = having(all, 'failed').length;
  console.log(`\n${having(all, 'passed').length} passed, ${failed} failed`);
  return failed === 0 ? 0 : 1;
}
