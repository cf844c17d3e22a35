import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

// Tests import packages by name and run from their sources; only WebAssembly is compiled first.
export default defineConfig({
  resolve: { conditions: ['@selfsup/source'] },
  ssr: { resolve: { conditions: ['@selfsup/source'] } },
  test: {
    globalSetup: fileURLToPath(new URL('wasm.mjs', import.meta.url)),
    include: ['src/**/*.test.ts', 'test/**/*.test.ts'],
    testTimeout: 120_000,
    hookTimeout: 120_000,
    pool: 'forks',
    maxWorkers: 2,
    passWithNoTests: false,
    // `npm test` counts the tests from this report.
    reporters: ['default', ['json', { outputFile: '.turbo/test-report.json' }]],
  },
});
