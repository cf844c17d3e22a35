// Runs TensorFlow.js' specs on this backend: node test/conformance/run.mjs [text in the name of the specs to run].
// Prints a line of JSON: { specs, passed, excluded, pending, unmatched, failures: [{ name, message }] }.
import { mkdtempSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { excluded } from './excluded.mjs';

const require = createRequire(import.meta.url);
const folder = mkdtempSync(join(tmpdir(), 'tfjs-specs-'));
const outfile = join(folder, 'specs.cjs');
try {
  await build({
    entryPoints: [fileURLToPath(new URL('specs.ts', import.meta.url))],
    outfile,
    bundle: true,
    platform: 'node',
    format: 'cjs',
    mainFields: ['module', 'main'],
    conditions: ['@selfsup/source'],
    // The packages' sideEffects flags would drop the specs.
    ignoreAnnotations: true,
    alias: { 'jasmine-core/lib/jasmine-core/jasmine.js': require.resolve('jasmine-core/lib/jasmine-core/jasmine.js') },
    logLevel: 'error',
  });
  const only = process.argv[2];
  const jasmine = require('jasmine-core').boot();
  const environment = jasmine.getEnv();
  const matched = new Set();
  environment.configure({
    random: false,
    specFilter: (spec) => {
      const name = spec.getFullName();
      const entry = excluded.find(({ spec: part }) => name.includes(part));
      if (entry) matched.add(entry);
      return !entry && (!only || name.includes(only));
    },
  });
  const counts = { specs: 0, passed: 0, excluded: 0, pending: 0 };
  const failures = [];
  environment.addReporter({
    specDone: ({ fullName, status, failedExpectations }) => {
      if (excluded.some(({ spec }) => fullName.includes(spec))) counts.excluded++;
      else if (only && !fullName.includes(only)) return;
      else if (status === 'passed') counts.passed++;
      else if (status === 'pending') counts.pending++; // disabled by their authors
      else failures.push({ name: fullName, message: `${status}: ${failedExpectations[0]?.message ?? ''}`, stack: failedExpectations[0]?.stack });
      counts.specs++;
    },
  });
  // Some specs draw numbers without a seed: the same ones every time, so that none fails once in a while.
  let state = 1;
  Math.random = () => {
    state = (state + 0x9e3779b9) >>> 0;
    let t = Math.imul(state ^ (state >>> 16), 0x21f0aaad);
    t = Math.imul(t ^ (t >>> 15), 0x735a2d97);
    return ((t ^ (t >>> 15)) >>> 0) / 2 ** 32;
  };
  // The specs' warnings are of no interest here.
  console.warn = () => {};
  const log = console.log;
  console.log = () => {};
  require(outfile);
  jasmine.DEFAULT_TIMEOUT_INTERVAL = 120_000; // none fails for want of a free core
  await environment.execute();
  const unmatched = excluded.filter((entry) => !matched.has(entry)).map(({ spec }) => spec);
  log(JSON.stringify({ ...counts, unmatched, failures }));
} finally {
  rmSync(folder, { recursive: true, force: true });
}
process.exit(0);
