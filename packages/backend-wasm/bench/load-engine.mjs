// Bundles the engine's sources, so that the benchmarks run on any Node without a build of the package.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { build } from 'tsup';

const root = fileURLToPath(new URL('..', import.meta.url));

/** The exports of bench/engine.ts: the engine and its kernels' wrappers. */
export async function loadEngine() {
  execFileSync(process.execPath, [join(root, 'scripts/build-wasm.mjs')], { stdio: 'inherit' });
  const folder = mkdtempSync(join(tmpdir(), 'backend-wasm-bench-'));
  try {
    const entry = { engine: join(root, 'bench/engine.ts') };
    await build({ entry, outDir: folder, format: 'esm', target: 'es2022', config: false, silent: true, outExtension: () => ({ js: '.mjs' }) });
    return await import(pathToFileURL(join(folder, 'engine.mjs')).href);
  } finally {
    rmSync(folder, { recursive: true });
  }
}
