import { readFileSync } from 'node:fs';
import { defineConfig } from 'tsup';

// Every package builds alike: its entries are the `src` files that its package.json exports or runs.
const manifest = JSON.parse(readFileSync('package.json', 'utf8')) as {
  exports: Record<string, unknown>;
  bin?: Record<string, string>;
};
const sources = Object.values(manifest.exports)
  .map((target) => (target as Record<string, string>)['@selfsup/source'])
  .filter((path): path is string => typeof path === 'string');
const binaries = Object.values(manifest.bin ?? {}).map((path) => path.replace('dist', 'src').replace(/\.js$/, '.ts'));

export default defineConfig({
  entry: [...sources, ...binaries],
  format: 'esm',
  target: 'es2022',
  platform: 'neutral',
  external: [/^node:/],
  dts: { entry: sources },
  sourcemap: true,
  clean: true,
  silent: true,
  tsconfig: 'tsconfig.json',
});
