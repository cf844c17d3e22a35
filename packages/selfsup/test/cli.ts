import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { fashionMnistSample } from '@selfsup/data/node';
import type { ImageSource } from '@selfsup/data';
import sharp from 'sharp';

const binary = fileURLToPath(new URL('../dist/cli.js', import.meta.url));

export interface Outcome {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunOptions {
  readonly cwd: string;
  readonly onStart?: (child: ChildProcess) => void;
}

/** Runs the built command line as a user does. */
export async function selfsup(args: readonly string[], { cwd, onStart }: RunOptions): Promise<Outcome> {
  const child = spawn(process.execPath, [binary, ...args], { cwd, env: { ...process.env, NO_COLOR: '1' }, stdio: ['ignore', 'pipe', 'pipe'] });
  let stdout = '';
  let stderr = '';
  child.stdout.on('data', (chunk: Buffer) => (stdout += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
  onStart?.(child);
  const code = await new Promise<number | null>((resolve) => child.on('close', resolve));
  return { code, stdout, stderr };
}

/** Presses Ctrl-C once what the command printed matches. */
export const interruptAfter = (what: string) => (child: ChildProcess): void => {
  let said = '';
  child.stdout?.on('data', (chunk: Buffer) => {
    const before = said.includes(what);
    said += chunk.toString();
    if (!before && said.includes(what)) child.kill('SIGINT');
  });
};

/** The objects of a file that has one a line. */
export async function jsonLines(path: string): Promise<Record<string, unknown>[]> {
  const text = await readFile(path, 'utf8');
  return text.trim().split('\n').map((line) => JSON.parse(line) as Record<string, unknown>);
}

/** The first images of the embedded set as the four IDX files of a small set. */
export async function writeSmallSet(folder: string, train: number, test: number): Promise<string> {
  const sample = await fashionMnistSample();
  await mkdir(folder, { recursive: true });
  await writeSplit(folder, 'train', sample.train, train);
  await writeSplit(folder, 't10k', sample.test, test);
  return folder;
}

async function writeSplit(folder: string, prefix: string, source: ImageSource, count: number): Promise<void> {
  const header = (magic: number, ...sizes: number[]): Buffer => {
    const bytes = Buffer.alloc(4 * (1 + sizes.length));
    [magic, ...sizes].forEach((value, i) => bytes.writeUInt32BE(value, 4 * i));
    return bytes;
  };
  const pixels: Uint8Array[] = [];
  for (let i = 0; i < count; i++) pixels.push((await source.read(i)).data);
  await writeFile(join(folder, `${prefix}-images-idx3-ubyte`), Buffer.concat([header(0x803, count, 28, 28), ...pixels]));
  const labels = Buffer.from(source.labels!.slice(0, count));
  await writeFile(join(folder, `${prefix}-labels-idx1-ubyte`), Buffer.concat([header(0x801, count), labels]));
}

/** Images of noise, the first of `size` pixels a side, each further one of `growth` more. */
export async function writeImages(folder: string, names: readonly string[], size: number, growth = 0): Promise<void> {
  for (const [i, name] of names.entries()) {
    const side = size + i * growth;
    const pixels = Uint8Array.from({ length: side * side * 3 }, (_, at) => (at * (i + 3) * 7) % 251);
    await mkdir(dirname(join(folder, name)), { recursive: true });
    await sharp(pixels, { raw: { width: side, height: side, channels: 3 } }).png().toFile(join(folder, name));
  }
}
