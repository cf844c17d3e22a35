import { createServer } from 'node:http';
import type { Server } from 'node:http';
import { mkdir, writeFile } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { dirname, join } from 'node:path';
import { fashionMnistSample } from '@selfsup/data/node';
import { parquetWriteBuffer } from 'hyparquet-writer';
import sharp from 'sharp';

/** The same few images, to be written in any format. */
export interface SmallSet {
  readonly images: readonly { readonly pixels: Uint8Array; readonly png: Uint8Array; readonly label: number }[];
}

/** The first images of the embedded training set as PNG files and pixels, 28×28. */
export async function smallSet(from: number, count: number): Promise<SmallSet> {
  const { train } = await fashionMnistSample();
  const images = Array.from({ length: count }, async (_, at) => {
    const { data } = await train.read(from + at);
    const png = await sharp(data, { raw: { width: 28, height: 28, channels: 1 } }).png().toBuffer();
    return { pixels: data, png: new Uint8Array(png), label: train.labels![from + at]! };
  });
  return { images: await Promise.all(images) };
}

/** The same images as JPEGs, in colour and large enough for the two decoders to differ. */
export async function writeJpegs(folder: string, { images }: SmallSet): Promise<void> {
  for (const [at, { png, label }] of images.entries()) {
    const jpeg = sharp(png).resize(36, 36).tint({ r: 250, g: 120, b: 20 + 7 * at }).toColourspace('srgb').jpeg({ quality: 90 });
    await write(join(folder, String(label), `${key(at)}.jpg`), await jpeg.toBuffer());
  }
}

async function write(path: string, bytes: Uint8Array | string): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, bytes);
}

export const key = (at: number): string => String(at).padStart(5, '0');

/** `name.tar` of samples `00000.png` and `00000.cls`. */
export async function writeShard(path: string, { images }: SmallSet, { labels = true }: { readonly labels?: boolean } = {}): Promise<void> {
  const blocks: Buffer[] = [];
  const add = (name: string, data: Uint8Array): void => {
    const header = Buffer.alloc(512);
    header.write(name, 0);
    header.write('0000644\0', 100);
    header.write(`${data.length.toString(8).padStart(11, '0')}\0`, 124);
    header.write('        ', 148);
    header.write('0', 156);
    header.write('ustar\u000000', 257);
    const sum = header.reduce((total, byte) => total + byte, 0);
    header.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148);
    blocks.push(header, Buffer.from(data), Buffer.alloc((512 - (data.length % 512)) % 512));
  };
  for (const [at, { png, label }] of images.entries()) {
    add(`${key(at)}.png`, png);
    if (labels) add(`${key(at)}.cls`, Buffer.from(String(label)));
  }
  await write(path, Buffer.concat([...blocks, Buffer.alloc(1024)]));
}

/** Images in class folders, by the order of their names. */
export async function writeFolder(folder: string, { images }: SmallSet): Promise<void> {
  for (const [at, { png, label }] of images.entries()) await write(join(folder, String(label), `${key(at)}.png`), png);
}

export async function writeParquet(path: string, { images }: SmallSet): Promise<void> {
  const bytes = parquetWriteBuffer({
    columnData: [
      { name: 'image', data: images.map(({ png }) => ({ bytes: png, path: null })) },
      { name: 'label', data: images.map(({ label }) => BigInt(label)) },
    ],
    schema: [
      { name: 'root', num_children: 2 },
      { name: 'image', num_children: 2, repetition_type: 'OPTIONAL' },
      { name: 'bytes', type: 'BYTE_ARRAY', repetition_type: 'OPTIONAL' },
      { name: 'path', type: 'BYTE_ARRAY', converted_type: 'UTF8', repetition_type: 'OPTIONAL' },
      { name: 'label', type: 'INT64', repetition_type: 'OPTIONAL' },
    ],
    rowGroupSize: 20,
  });
  await write(path, new Uint8Array(bytes));
}

/** `x-images.npy` and `x-labels.npy`. */
export async function writeNpy(folder: string, split: string, { images }: SmallSet): Promise<void> {
  const npy = (shape: string, data: readonly Uint8Array[]): Uint8Array => {
    const header = `{'descr': '|u1', 'fortran_order': False, 'shape': ${shape}, }`.padEnd(117) + '\n';
    return Buffer.concat([Buffer.from([0x93, ...Buffer.from('NUMPY'), 1, 0, header.length, 0]), Buffer.from(header), ...data]);
  };
  await write(join(folder, `${split}-images.npy`), npy(`(${images.length}, 28, 28)`, images.map(({ pixels }) => pixels)));
  await write(join(folder, `${split}-labels.npy`), npy(`(${images.length},)`, [Uint8Array.from(images, ({ label }) => label)]));
}

/** Files that are served as object stores do it. */
export interface Served {
  /** What stands before their names. */
  readonly url: string;
  readonly server: Server;
  /** Files that were asked for as a whole. */
  readonly whole: string[];
  /** Answers so many more requests, and then none until it is told otherwise. */
  readonly answer: (requests: number) => void;
}

/** Serves files and their ranges. */
export async function serve(files: Readonly<Record<string, Uint8Array>>): Promise<Served> {
  const whole: string[] = [];
  let left = Number.POSITIVE_INFINITY;
  const server = createServer((request, response) => {
    const name = new URL(request.url ?? '/', 'http://x').pathname.slice(1);
    const bytes = left-- > 0 ? files[name] : undefined;
    const [, from, to] = /^bytes=(\d+)-(\d+)$/.exec(request.headers.range ?? '') ?? [];
    if (!bytes) return void response.writeHead(404).end();
    if (from === undefined) {
      whole.push(name);
      return void response.writeHead(200, { 'content-length': bytes.length }).end(bytes);
    }
    const last = Math.min(Number(to), bytes.length - 1);
    response.writeHead(206, { 'content-range': `bytes ${from}-${last}/${bytes.length}` }).end(bytes.subarray(Number(from), last + 1));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, server, whole, answer: (requests) => void (left = requests) };
}
