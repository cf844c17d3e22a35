import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import type { NetSpec } from '@selfsup/layers';
import type { Preset } from '@selfsup/recipes/preset';
import type { Data } from './data.ts';

/** The version of this package. */
export function version(): string {
  return (createRequire(import.meta.url)('../package.json') as { version: string }).version;
}

/** The command line itself, for processes of its own. */
export function programFile(): string {
  return fileURLToPath(new URL('../dist/cli.js', import.meta.url));
}

/** What a reader of `config.json` wants to know beside the settings. */
export function aboutRun({ train, test }: Data, encoder: NetSpec, presets: readonly Preset<string>[]): Readonly<Record<string, unknown>> {
  return {
    network: encoder.name,
    trainImages: `${train.length} of ${train.name}`,
    testImages: test ? `${test.length} of ${test.name}` : 'none',
    presets: presets.map(({ source }) => source).filter((source, i, all) => all.indexOf(source) === i),
    selfsup: version(),
    node: process.versions.node,
  };
}
