import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';

interface Outcome {
  readonly specs: number;
  readonly passed: number;
  readonly excluded: number;
  readonly pending: number;
  /** Exclusions that no spec answers to any more. */
  readonly unmatched: readonly string[];
  readonly failures: readonly { readonly name: string; readonly message: string }[];
}

it('passes the specs that TensorFlow.js ships for its own backends', async () => {
  const runner = fileURLToPath(new URL('conformance/run.mjs', import.meta.url));
  const { stdout } = await promisify(execFile)(process.execPath, [runner], { maxBuffer: 2 ** 26 });
  const { specs, passed, excluded, pending, unmatched, failures } = JSON.parse(stdout.trimEnd().split('\n').at(-1)!) as Outcome;
  process.stdout.write(`tfjs-core's specs: ${passed} of ${specs} passed, ${excluded} excluded, ${pending} disabled by their authors\n`);
  expect(failures.map(({ name, message }) => `${name}: ${message.slice(0, 200)}`)).toEqual([]);
  expect(unmatched).toEqual([]);
  const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8').replaceAll(/\s+/g, ' ');
  const number = (value: number): string => value.toLocaleString('en-US');
  expect(readme).toContain(`of the ${number(specs)} specs that tfjs-core ships for its backends, ${number(passed)} pass and the remaining ${pending} are disabled by their authors`);
  expect(specs).toBeGreaterThan(4000);
}, 600_000);
