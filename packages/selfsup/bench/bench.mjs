// Training steps and data loading against PyTorch and torchvision, both sides taking turns in one session:
//   node bench/bench.mjs [--json] [--only <part of a name>] [--rounds 5] [--node <another Node>]     (after a build)
import { execFileSync } from 'node:child_process';
import os from 'node:os';
import { parseArgs } from 'node:util';
import { goals } from './goals.mjs';
import { missingPeer } from './sides.mjs';

const { values: options } = parseArgs({
  options: {
    json: { type: 'boolean', default: false },
    only: { type: 'string', default: '' },
    rounds: { type: 'string', default: '5' },
    node: { type: 'string', default: process.execPath },
  },
});
const log = options.json ? () => {} : (line) => console.log(line);
const version = execFileSync(options.node, ['--version'], { encoding: 'utf8' }).trim();
const missing = missingPeer();
const figure = (value) => value.toFixed(value < 10 ? 2 : 1);

const chosen = goals.filter(({ name, rows = [] }) => [name, ...rows].some((row) => row.includes(options.only)));
if (chosen.length > 0) log(`${os.cpus()[0]?.model}, ${os.availableParallelism()} cores, Node ${version}, ${new Date().toISOString().slice(0, 10)}`);
for (const { name, needsPeer, run } of chosen) {
  if (needsPeer && missing !== undefined) {
    console.error(`${name}: skipped, PyTorch is not installed: ${missing}`);
    continue;
  }
  for (const { atMost = false, ...row } of [await run({ node: options.node, version, rounds: Number(options.rounds), log })].flat()) {
    const holds = row.goal === undefined ? undefined : atMost ? row.ratio <= row.goal : row.ratio >= row.goal;
    const verdict = holds === undefined ? 'no goal of its own' : `goal ${atMost ? '≤' : '≥'} ${row.goal}: ${holds ? 'holds' : 'missed'}`;
    if (options.json) console.log(JSON.stringify({ name, ...row, holds }));
    else log(`${(row.name ?? name).padEnd(26)} ${figure(row.ours).padStart(8)} ${figure(row.peer).padStart(8)} ${row.unit.padEnd(44)} ratio ${row.ratio.toFixed(2)}, ${verdict}`);
  }
}
