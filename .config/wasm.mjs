// Before the tests of any package: WebAssembly modules whose sources have changed are compiled, so that tests run without a build.
import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const packages = new URL('../packages/', import.meta.url);

export function setup() {
  for (const name of readdirSync(packages)) {
    const script = fileURLToPath(new URL(`${name}/scripts/build-wasm.mjs`, packages));
    if (existsSync(script)) execFileSync(process.execPath, [script], { stdio: 'inherit' });
  }
}
