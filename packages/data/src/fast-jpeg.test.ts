import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { imageDecoder, imageFolder, type ImageFolderOptions } from '@selfsup/data/node';
import sharp, { type Sharp } from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Image } from './image.ts';
import { jpegHeader } from './jpeg-header.ts';

let root = '';
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'selfsup-jpeg-'));
});
afterAll(() => rm(root, { recursive: true }));

/** Something like a photo: smooth parts, edges and colours. */
function photo(width = 127, height = 90): Sharp {
  const at = (x: number, y: number, c: number): number => 128 + 60 * Math.sin((x + 3 * c) / (7 + c)) + 50 * Math.cos((y * (c + 1)) / 19) + ((x >> 4) + (y >> 3)) % 2 * 15;
  const pixels = Uint8Array.from({ length: width * height * 3 }, (_, i) => at(Math.floor(i / 3) % width, Math.floor(i / 3 / width), i % 3));
  return sharp(pixels, { raw: { width, height, channels: 3 } });
}

async function decoded(bytes: Uint8Array, options: ImageFolderOptions): Promise<Image> {
  const decode = await imageDecoder({ ...options, size: typeof options.size === 'object' ? options.size : undefined });
  return decode({ encoded: bytes, name: 'x.jpg' });
}

/** Mean and largest difference of samples between the two decoders. */
async function difference(bytes: Uint8Array, options: ImageFolderOptions = {}): Promise<readonly [mean: number, most: number]> {
  const exact = await decoded(bytes, options);
  const fast = await decoded(bytes, { ...options, jpeg: 'fast' });
  expect({ ...fast, data: fast.data.length }).toEqual({ ...exact, data: exact.data.length });
  const differences = exact.data.map((value, i) => Math.abs(value - fast.data[i]!));
  return [differences.reduce((sum, each) => sum + each, 0) / differences.length, Math.max(...differences)];
}

describe("jpeg: 'fast'", () => {
  const plain: Readonly<Record<string, () => Promise<Buffer>>> = {
    '4:2:0': () => photo().jpeg({ quality: 85 }).toBuffer(),
    '4:4:4': () => photo().jpeg({ quality: 60, chromaSubsampling: '4:4:4' }).toBuffer(),
    progressive: () => photo().jpeg({ quality: 90, progressive: true }).toBuffer(),
    'restarts and trellis': () => photo().jpeg({ mozjpeg: true }).toBuffer(),
    'EXIF, upright': () => photo().withMetadata({ orientation: 1 }).jpeg().toBuffer(),
    tiny: () => photo(1, 3).jpeg().toBuffer(),
  };

  it.each(Object.keys(plain))('%s: within the bound of torchvision parity', async (name) => {
    const bytes = await plain[name]!();
    const [mean, most] = await difference(bytes);
    expect(mean).toBeLessThan(1);
    expect(most).toBeLessThanOrEqual(8);
    expect((await difference(bytes, { channels: 1 }))[0]).toBeLessThan(1);
  });

  it('is another decoder', async () => {
    const bytes = await plain['4:2:0']!();
    expect(jpegHeader(bytes)).toEqual({ height: 90, width: 127, plain: true });
    expect((await difference(bytes))[1]).toBeGreaterThan(0);
    // The size that images have anyway needs no other treatment.
    expect((await difference(bytes, { size: { height: 90, width: 127 } }))[1]).toBeGreaterThan(0);
  });

  const special: Readonly<Record<string, () => Promise<Buffer>>> = {
    'turned by EXIF': () => photo().withMetadata({ orientation: 6 }).jpeg().toBuffer(),
    'with a colour profile': () => photo().withIccProfile('p3').jpeg().toBuffer(),
    gray: () => photo().greyscale().toColourspace('b-w').jpeg().toBuffer(),
    CMYK: () => photo().toColourspace('cmyk').jpeg().toBuffer(),
    'no JPEG': () => photo().png().toBuffer(),
  };

  it.each(Object.keys(special))('%s: as exactly as ever', async (name) => {
    const bytes = await special[name]!();
    expect(jpegHeader(bytes)?.plain ?? false).toBe(false);
    expect(await difference(bytes)).toEqual([0, 0]);
  });

  it('scaled, reduced and too large ones are as exact and as refused as ever', async () => {
    const bytes = await photo(800, 600).jpeg().toBuffer();
    expect(await difference(bytes, { size: { height: 40, width: 40 } })).toEqual([0, 0]);
    expect(await difference(bytes, { minSide: 100 })).toEqual([0, 0]);
    await expect(decoded(bytes, { jpeg: 'fast', maxPixels: 1000 })).rejects.toMatchObject({ code: 'unreadable-image' });
  });

  it('a file that is cut short is refused', async () => {
    const bytes = await photo().jpeg().toBuffer();
    for (const share of [0.1, 0.5, 0.9]) {
      await writeFile(join(root, 'cut.jpg'), bytes.subarray(0, Math.floor(share * bytes.length)));
      const source = await imageFolder(root, { jpeg: 'fast' });
      await expect(source.read(0)).rejects.toMatchObject({ code: 'unreadable-image' });
    }
  });

  it('other words are refused', async () => {
    await expect(imageDecoder({ jpeg: 'quick' as 'fast' })).rejects.toThrow(/jpeg is quick; give 'exact' or 'fast'/);
  });
});
