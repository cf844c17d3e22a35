// Writes test/tfjs-node-kernels.json: the kernels that tfjs-node registers, and tfjs-node-gpu with it, whose sources are the same.
// Its kernels load without the native library, so this needs no download but npm's:
//   npm install --ignore-scripts @tensorflow/tfjs-node@4.22.0   (in an empty folder)
//   node scripts/tfjs-node-kernels.mjs <that folder>
import { writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join, resolve } from 'node:path';
import util from 'node:util';

util.isNullOrUndefined ??= (value) => value === null || value === undefined;
util.isArray ??= Array.isArray;

const require = createRequire(join(resolve(process.argv[2] ?? '.'), 'package.json'));
const { version } = require('@tensorflow/tfjs-node/package.json');
require('@tensorflow/tfjs-node/dist/register_all_kernels.js');
const { getKernelsForBackend } = require('@tensorflow/tfjs');
const kernels = getKernelsForBackend('tensorflow').map(({ kernelName }) => kernelName).toSorted();
writeFileSync(new URL('../test/tfjs-node-kernels.json', import.meta.url), `${JSON.stringify({ version, kernels }, null, 1)}\n`);
console.log(`${kernels.length} kernels of tfjs-node ${version}`);
