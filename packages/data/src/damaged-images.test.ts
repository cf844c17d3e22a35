import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DataError } from '@selfsup/data';
import { imageFolder } from '@selfsup/data/node';
import sharp, { type Sharp } from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

let root = '';

/** Smooth, so that a JPEG of it is close to it: brighter to the right and to the bottom, in another measure in each channel. */
const gradient = (x: number, y: number): readonly [number, number, number] => [40 + 2 * x, 60 + 2 * y, 200 - x - y];

function photo(width = 64, height = 48): Sharp {
  const pixels = new Uint8Array(width * height * 3);
  for (let y = 0, at = 0; y < height; y++) for (let x = 0; x < width; x++, at += 3) pixels.set(gradient(x, y), at);
  return sharp(pixels, { raw: { width, height, channels: 3 } });
}

const black = (width: number, height: number): Sharp => sharp({ create: { width, height, channels: 3, background: 'black' } });

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'selfsup-damaged-'));
  const jpeg = await photo().jpeg({ quality: 95 }).toBuffer();
  const png = await photo().png().toBuffer();
  const claim = Buffer.from(jpeg);
  const frame = claim.indexOf(Buffer.from([0xff, 0xc0]));
  claim.writeUInt16BE(65_000, frame + 5);
  claim.writeUInt16BE(65_000, frame + 7);
  const gray = photo().greyscale().toColourspace('b-w');
  const all: Readonly<Record<string, Uint8Array>> = {
    'jpeg.png': jpeg,
    'png.jpg': png,
    'cmyk.jpg': await photo().toColourspace('cmyk').jpeg({ quality: 95 }).toBuffer(),
    'turned.jpg': await photo().withMetadata({ orientation: 6 }).jpeg({ quality: 95 }).toBuffer(),
    'gray.jpg': await gray.clone().jpeg({ quality: 95 }).toBuffer(),
    'gray.png': await gray.clone().png().toBuffer(),
    'sixteen.png': await photo().toColourspace('rgb16').png().toBuffer(),
    'alpha.png': await photo().ensureAlpha(0).png().toBuffer(),
    'trailing.jpg': Buffer.concat([jpeg, Buffer.alloc(500, 7)]),
    'cut.jpg': jpeg.subarray(0, jpeg.length * 0.6),
    'cut at its end.jpg': jpeg.subarray(0, jpeg.length - 2),
    'cut.png': png.subarray(0, png.length * 0.6),
    'empty.jpg': new Uint8Array(0),
    'empty.png': new Uint8Array(0),
    'text.jpg': Buffer.from('hello'),
    'claims.jpg': claim,
    'bomb.jpg': await black(10_000, 10_001).jpeg({ quality: 1 }).toBuffer(),
    'bomb.png': await black(10_000, 10_001).png().toBuffer(),
  };
  for (const [name, bytes] of Object.entries(all)) await writeFile(join(root, name), bytes);
});
afterAll(() => rm(root, { recursive: true }));

/** The mean difference of samples. */
function difference(data: Uint8Array, width: number, expected: (x: number, y: number) => readonly number[] = gradient): number {
  let sum = 0;
  for (let at = 0; at < data.length; at++) sum += Math.abs(data[at]! - expected(Math.floor(at / 3) % width, Math.floor(at / 3 / width))[at % 3]!);
  return sum / data.length;
}

/** What shall come near to the gradient, or to what `expected` makes of it. */
interface Decodable {
  readonly name: string;
  readonly bound: number;
  readonly expected?: (x: number, y: number) => readonly number[];
}

describe.each(['exact', 'fast'] as const)('the %s decoder', (jpeg) => {
  it.each<Decodable>([
    { name: 'jpeg.png', bound: 2 },
    { name: 'png.jpg', bound: 0 },
    { name: 'trailing.jpg', bound: 2 },
    { name: 'sixteen.png', bound: 1 },
    // By a profile for printing, which has not all colours.
    { name: 'cmyk.jpg', bound: 25 },
    { name: 'alpha.png', bound: 0, expected: () => [255, 255, 255] },
    { name: 'turned.jpg', bound: 2, expected: (x, y) => gradient(y, 47 - x) },
  ])('decodes $name', async ({ name, bound, expected }) => {
    const source = await imageFolder(root, { jpeg });
    const { data, width, height } = await source.read(source.files.indexOf(name));
    expect([width, height]).toEqual(name === 'turned.jpg' ? [48, 64] : [64, 48]);
    expect(difference(data, width, expected)).toBeLessThanOrEqual(bound);
  });

  it('gives gray ones three equal channels', async () => {
    const source = await imageFolder(root, { jpeg });
    const [fromJpeg, fromPng] = await Promise.all(['gray.jpg', 'gray.png'].map((name) => source.read(source.files.indexOf(name))));
    expect(difference(fromJpeg!.data, 64, (x, y) => Array(3).fill(fromPng!.data[(y * 64 + x) * 3]!))).toBeLessThan(2);
    for (let at = 0; at < fromJpeg!.data.length; at += 3) expect(new Set(fromJpeg!.data.subarray(at, at + 3)).size).toBe(1);
  });

  it.each([
    ['cut.jpg', /premature end|its data are damaged/],
    ['cut at its end.jpg', /premature end|its data are damaged/],
    ['cut.png', /read error|its data are damaged/],
    ['empty.jpg', /^it is empty$/],
    ['empty.png', /^it is empty$/],
    ['text.jpg', /^its contents are not JPEG/],
    ['claims.jpg', /exceeds pixel limit/],
    ['bomb.jpg', /exceeds pixel limit/],
    ['bomb.png', /exceeds pixel limit/],
  ])('refuses %s by name', async (name, reason) => {
    const source = await imageFolder(root, { jpeg });
    const error: unknown = await Promise.resolve(source.read(source.files.indexOf(name))).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(DataError);
    const { code, message } = error as DataError;
    expect(code).toBe('unreadable-image');
    const [, named, said] = /^(.*) could not be decoded \((.*)\); replace or remove it\.$/.exec(message)!;
    expect(named).toContain(name);
    expect(said).toMatch(reason);
  });
});
