#!/usr/bin/env node
import { run } from './program.ts';

// Whoever read the output is gone (`| head`, a closed terminal): that ends a training as Ctrl-C does.
process.stdout.on('error', () => {});
process.stdout.once('error', () => process.emit('SIGTERM'));

process.exitCode = await run(process.argv.slice(2));
