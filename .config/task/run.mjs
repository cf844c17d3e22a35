import { spawn } from 'node:child_process';
import { readFileSync, writeSync } from 'node:fs';
import { constants } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The repository's folder. */
export const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))));
export const bin = join(root, 'node_modules', '.bin');

/** Local tools first, and no tool that phones home or asks. */
const environment = {
  ...process.env,
  PATH: `${bin}${delimiter}${process.env.PATH}`,
  TURBO_TELEMETRY_DISABLED: '1',
  TURBO_NO_UPDATE_NOTIFIER: '1',
  DO_NOT_TRACK: '1',
  SELFSUP_NODE: process.version,
};

let interrupted = false;

/** With `--json` the task's own output is for a program, and everything else goes to stderr. */
const chatter = process.argv.includes('--json') ? 2 : 1;

/** A line that says what happens next. */
export function say(line) {
  writeSync(chatter, `\n== ${line}\n`);
}

export function readJson(path) {
  return JSON.parse(readFileSync(path, 'utf8'));
}

/**
 * Runs a command to its end and gives its exit code. Its output goes to the terminal, or with `capture` into `output`.
 * An interrupted run exits the whole task once the command has ended by itself, so that a training can save.
 */
export function run(command, args, { cwd = root, env = {}, capture = false, stdout = chatter } = {}) {
  return new Promise((resolve) => {
    const child = spawn(command, args, {
      cwd,
      env: { ...environment, ...env },
      stdio: ['ignore', capture ? 'pipe' : stdout, capture ? 'pipe' : 2],
      shell: process.platform === 'win32',
    });
    let output = '';
    child.stdout?.on('data', (chunk) => (output += chunk));
    child.stderr?.on('data', (chunk) => (output += chunk));

    const forward = (signal) => {
      interrupted = true;
      // A terminal has already sent Ctrl-C to the command itself; twice would mean "at once".
      const onTerminal = process.stdin.isTTY || process.stdout.isTTY || process.stderr.isTTY;
      if (signal !== 'SIGINT' || !onTerminal) child.kill(signal);
    };
    process.on('SIGINT', forward).on('SIGTERM', forward);
    const end = (code, text) => {
      process.off('SIGINT', forward).off('SIGTERM', forward);
      if (interrupted) process.exit(code || 130);
      resolve({ code, output: text });
    };
    child.on('error', (error) => end(127, `${output}${command}: ${error.message}\n`));
    child.on('close', (code, signal) => end(code ?? 128 + constants.signals[signal], output));
  });
}

/** Runs `work` over `items`, `width` of them at a time, and gives the results in order. */
export async function inParallel(items, width, work) {
  const results = [];
  const queue = items.entries();
  const lane = async () => {
    for (const [index, item] of queue) results[index] = await work(item);
  };
  await Promise.all(Array.from({ length: width }, lane));
  return results;
}
