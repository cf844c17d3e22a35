// Runs bench/torchvision_views.py beside the benchmark.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

export const howToInstall = 'apt-get install -y --no-install-recommends python3-torch python3-torchvision';

/** The peer, or `null` when no Python with torchvision is found. `time(words)` answers the seconds of one run. */
export async function startTorchvision() {
  for (const python of ['python3', '/usr/bin/python3']) {
    const child = spawn(python, [fileURLToPath(new URL('torchvision_views.py', import.meta.url))], { stdio: ['pipe', 'pipe', 'ignore'] });
    const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
    const gone = Promise.race([once(child, 'error'), once(child, 'exit')]).then(() => ({ done: true }));
    const next = async () => {
      const { value, done } = await Promise.race([lines.next(), gone]);
      return done ? undefined : value;
    };
    if ((await next()) !== 'ready') continue;
    return {
      time: async (...words) => {
        child.stdin.write(`${words.join(' ')}\n`);
        const answer = await next();
        if (answer === undefined) throw new Error('The torchvision process ended before its time.');
        return Number(answer);
      },
      stop: () => child.kill(),
    };
  }
  return null;
}
