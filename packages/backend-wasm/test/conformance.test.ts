import { execFile } from 'node:child_process';
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
  expect(specs).toBeGreaterThan(4000);
});
