import { spawn, spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { createInterface } from 'node:readline';

const here = (name) => fileURLToPath(new URL(name, import.meta.url));
const python = '/usr/bin/python3';

/** What to install when the peer is missing, or undefined when it is there. */
export function missingPeer() {
  const { status } = spawnSync(python, ['-c', 'import torch, torchvision'], { stdio: 'ignore' });
  return status === 0 ? undefined : 'apt-get install -y --no-install-recommends python3-torch python3-torchvision libopenblas0-pthread';
}

const argumentsOf = (options) => Object.entries(options).map(([name, value]) => (value === true ? `--${name}` : `--${name}=${value}`));

/** A process that takes a step whenever it is asked to. */
async function start(command, args) {
  const child = spawn(command, args, { stdio: ['pipe', 'pipe', 'inherit'] });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const answer = async () => {
    for (;;) {
      const { value, done } = await lines.next();
      if (done) throw new Error(`${command} ${args.join(' ')} ended without an answer.`);
      // Whatever a library prints of its own accord is no answer.
      if (/^(ready|[\d.[{])/.test(value)) return value;
    }
  };
  const ask = (question) => {
    child.stdin.write(`${question}\n`);
    return answer();
  };
  await answer();
  return {
    step: async () => Number(await ask('step')),
    steps: async (count) => Number(await ask(`steps ${count}`)),
    memory: async () => JSON.parse(await ask('memory')).peakRssMb,
    profile: async () => JSON.parse(await ask('profile')),
    end: () => child.kill(),
  };
}

/** A script of ours that answers questions, on the Node at `node`. */
export const asked = (node, script, options) => start(node, [here(script), ...argumentsOf(options)]);

/** A script of the peer that answers questions. */
export const peerAsked = (script, options) => start(python, [here(script), ...argumentsOf(options)]);

/** Our training step. */
export const ours = (node, options) => asked(node, 'our-step.mjs', options);

/** PyTorch's. */
export const torch = (options) => peerAsked('torch-step.py', options);
