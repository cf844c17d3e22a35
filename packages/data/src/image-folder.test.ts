import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { DataError, viewBatches, type Image, type ViewRenderer } from '@selfsup/data';
import { imageFolder, type ImageFolderOptions } from '@selfsup/data/node';
import sharp, { type Sharp } from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

let root = '';
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'selfsup-images-'));
});
afterAll(() => rm(root, { recursive: true }));

/** A PNG of one colour. */
const png = (width: number, height: number, background: string): Promise<Buffer> =>
  sharp({ create: { width, height, channels: 3, background } }).png().toBuffer();

/** RGB pixels as a sharp image. */
const raw = (width: number, height: number, channels: 1 | 2 | 3 | 4, values: Uint8Array | Uint16Array): Sharp =>
  sharp(values, { raw: { width, height, channels } });

let folders = 0;
/** A new folder with these files. */
async function folderOf(files: Readonly<Record<string, Uint8Array>>): Promise<string> {
  const folder = join(root, `set${folders++}`);
  await mkdir(folder, { recursive: true });
  for (const [path, bytes] of Object.entries(files)) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), bytes);
  }
  return folder;
}

/** The one image of a folder with one file. */
async function decoded(name: string, bytes: Uint8Array, options?: ImageFolderOptions): Promise<Image> {
  return (await imageFolder(await folderOf({ [name]: bytes }), options)).read(0);
}

describe('what is in a folder', () => {
  it('class subfolders become labels, in an order that is the same everywhere', async () => {
    const dot = await png(2, 2, 'red');
    const folder = await folderOf({ 'b/2.png': dot, 'b/deep/1.JPG': dot, 'a/z.png': dot, 'B/x.png': dot, 'a/notes.txt': dot, '.git/x.png': dot });
    const source = await imageFolder(folder);
    expect(source.files).toEqual(['B/x.png', 'a/z.png', 'b/2.png', 'b/deep/1.JPG']);
    expect(source.classes).toEqual(['B', 'a', 'b']);
    expect([...source.labels!]).toEqual([0, 1, 2, 2]);
    expect(source).toMatchObject({ length: 4, channels: 3, size: null });
    const fixed = await imageFolder(folder, { classes: ['a', 'x', 'b', 'B'] });
    expect([...fixed.labels!]).toEqual([3, 0, 2, 2]);
    await expect(imageFolder(folder, { classes: ['a', 'b'] })).rejects.toThrow(/has the class "B", which is not one of: a, b/);
  });

  it('a flat folder has no labels', async () => {
    const dot = await png(2, 2, 'red');
    expect(await imageFolder(await folderOf({ 'b.png': dot, 'a.png': dot }))).toMatchObject({ labels: null, classes: null, files: ['a.png', 'b.png'] });
  });

  it('mixed, missing or empty folders are errors', async () => {
    const dot = await png(2, 2, 'red');
    await expect(imageFolder(await folderOf({ 'a/b.png': dot, 'c.png': dot }))).rejects.toThrow(/c\.png beside them/);
    await expect(imageFolder(join(root, 'nowhere'))).rejects.toThrow(/There is no folder .*nowhere/);
    await expect(imageFolder(await folderOf({}))).rejects.toThrow(/has no JPEG, PNG, WebP, AVIF, TIFF or GIF files; give/);
    const folder = await folderOf({ 'x.png': dot });
    await expect(imageFolder(join(folder, 'x.png'))).rejects.toThrow(/is a file; give the folder/);
    await expect(imageFolder(join(folder, 'x.png', 'y'))).rejects.toMatchObject({ code: 'not-found' });
    await expect(imageFolder(folder, { channels: 2 as 1 })).rejects.toThrow(/channels is 2/);
    await expect(imageFolder(folder, { size: { height: 0, width: 4 } })).rejects.toThrow(/size.height is 0/);
  });

  it('links out of it and links to folders are not followed, links inside are', async () => {
    const outside = await folderOf({ 'secret.png': await png(2, 2, 'red') });
    const folder = await folderOf({ 'a/real.png': await png(2, 2, 'blue') });
    await symlink(join(outside, 'secret.png'), join(folder, 'a', 'out.png'));
    await symlink(outside, join(folder, 'b'));
    await symlink(folder, join(folder, 'a', 'loop'));
    await symlink(join(folder, 'gone.png'), join(folder, 'a', 'dangling.png'));
    await symlink('real.png', join(folder, 'a', 'inside.png'));
    // A sibling whose name begins like the folder's is still outside.
    await mkdir(`${folder}-more`);
    await writeFile(join(`${folder}-more`, 'x.png'), await png(2, 2, 'red'));
    await symlink(join(`${folder}-more`, 'x.png'), join(folder, 'a', 'sibling.png'));
    const source = await imageFolder(folder);
    expect(source.files).toEqual(['a/inside.png', 'a/real.png']);
    expect((await source.read(0)).data.subarray(0, 3)).toEqual(Buffer.from([0, 0, 255]));
    const links = await folderOf({});
    await symlink(join(outside, 'secret.png'), join(links, 'out.png'));
    await expect(imageFolder(links)).rejects.toThrow(/1 link to folders or out of it: not followed/);
  });
});

describe('decoding', () => {
  const pixels = Uint8Array.from([255, 0, 0, 0, 255, 0, 0, 0, 255, 255, 255, 255, 10, 20, 30, 200, 100, 50]);

  it('reads every format, told by contents and not by name', async () => {
    const image = raw(3, 2, 3, pixels);
    const lossless = {
      'x.png': await image.clone().png().toBuffer(),
      'x.webp': await image.clone().webp({ lossless: true }).toBuffer(),
      'x.tiff': await image.clone().tiff({ compression: 'lzw' }).toBuffer(),
      'x.gif': await image.clone().gif().toBuffer(),
      'wrong.jpg': await image.clone().png().toBuffer(),
    };
    for (const [name, bytes] of Object.entries(lossless)) {
      const { data, width, height, channels } = await decoded(name, bytes);
      expect({ name, width, height, channels, data: [...data] }).toEqual({ name, width: 3, height: 2, channels: 3, data: [...pixels] });
    }
    const flat = sharp({ create: { width: 16, height: 16, channels: 3, background: '#c86432' } });
    for (const [name, bytes] of [['x.jpeg', await flat.clone().jpeg({ quality: 100 }).toBuffer()], ['x.avif', await flat.clone().avif({ quality: 100 }).toBuffer()]] as const) {
      const { data } = await decoded(name, bytes);
      expect(Math.max(Math.abs(data[300]! - 200), Math.abs(data[301]! - 100), Math.abs(data[302]! - 50)), name).toBeLessThanOrEqual(2);
    }
  });

  it('applies the EXIF orientation', async () => {
    // 6: the camera was turned, so that the stored left column is the top row.
    const bytes = await raw(3, 2, 3, pixels).png().withMetadata({ orientation: 6 }).toBuffer();
    const { data, width, height } = await decoded('x.png', bytes);
    expect([width, height]).toEqual([2, 3]);
    expect([...data.subarray(0, 6)]).toEqual([255, 255, 255, 255, 0, 0]);
  });

  it('scales 16 bits to 8, for gray and RGB', async () => {
    const gray = await raw(2, 2, 1, Uint16Array.from([0, 0x8080, 0xffff, 0x0100])).toColourspace('grey16').png().toBuffer();
    expect((await sharp(gray).metadata()).depth).toBe('ushort');
    expect([...(await decoded('x.png', gray, { channels: 1 })).data]).toEqual([0, 128, 255, 1]);
    const rgb = await raw(1, 1, 3, Uint16Array.from([0x1000, 0x8000, 0xff00])).toColourspace('rgb16').tiff({ compression: 'lzw' }).toBuffer();
    expect((await sharp(rgb).metadata()).depth).toBe('ushort');
    expect([...(await decoded('x.tif', rgb)).data]).toEqual([0x10, 0x80, 0xff]);
  });

  it('lays transparency over the background', async () => {
    const bytes = await raw(2, 1, 4, Uint8Array.from([0, 0, 0, 0, 200, 100, 50, 255])).png().toBuffer();
    expect([...(await decoded('x.png', bytes)).data]).toEqual([255, 255, 255, 200, 100, 50]);
    expect([...(await decoded('x.png', bytes, { background: 'black' })).data]).toEqual([0, 0, 0, 200, 100, 50]);
    const gray = await raw(2, 1, 2, Uint8Array.from([9, 0, 9, 255])).toColourspace('b-w').png().toBuffer();
    expect([...(await decoded('x.png', gray, { channels: 1 })).data]).toEqual([255, 9]);
  });

  it('gives gray files three channels, and RGB files one by luma', async () => {
    const gray = await raw(2, 1, 1, Uint8Array.from([7, 250])).toColourspace('b-w').png().toBuffer();
    expect([...(await decoded('x.png', gray)).data]).toEqual([7, 7, 7, 250, 250, 250]);
    expect([...(await decoded('x.png', gray, { channels: 1 })).data]).toEqual([7, 250]);
    // What PIL's convert('L') answers for these colours.
    const image = await decoded('x.png', await raw(3, 2, 3, pixels).png().toBuffer(), { channels: 1 });
    expect(image.channels).toBe(1);
    expect([...image.data]).toEqual([76, 150, 29, 255, 18, 124]);
  });

  it('converts CMYK', async () => {
    const bytes = await sharp({ create: { width: 16, height: 16, channels: 3, background: '#c03010' } }).toColourspace('cmyk').jpeg({ quality: 100 }).toBuffer();
    expect((await sharp(bytes).metadata()).space).toBe('cmyk');
    const { data, channels } = await decoded('x.jpg', bytes);
    expect(channels).toBe(3);
    expect(Math.abs(data[0]! - 0xc0) + Math.abs(data[1]! - 0x30)).toBeLessThan(40);
  });

  it('covers a size and crops its centre', async () => {
    // Red, green and blue thirds, 60×20: the middle square is green.
    const thirds = Uint8Array.from({ length: 60 * 20 * 3 }, (_, at) => (Math.floor((Math.floor(at / 3) % 60) / 20) === at % 3 ? 255 : 0));
    const folder = await folderOf({ 'a.png': await raw(60, 20, 3, thirds).png().toBuffer(), 'b.png': await png(5, 9, 'lime') });
    const source = await imageFolder(folder, { size: { height: 10, width: 10 } });
    expect(source.size).toEqual({ height: 10, width: 10 });
    for (const index of [0, 1]) {
      const { data, width, height } = await source.read(index);
      expect([width, height, data.length]).toEqual([10, 10, 300]);
      const middle = (5 * 10 + 5) * 3;
      expect([...data.subarray(middle, middle + 3)]).toEqual([0, 255, 0]);
    }
  });

  it('holds images to one size when asked', async () => {
    const source = await imageFolder(await folderOf({ 'a.png': await png(4, 3, 'red'), 'b.png': await png(4, 4, 'red') }), { size: 'uniform' });
    expect(source.size).toEqual({ height: 3, width: 4 });
    expect((await source.read(0)).height).toBe(3);
    await expect(source.read(1)).rejects.toThrow(/^b\.png is 4×4, not 3×4 as a\.png; give imageFolder a size/);
    await expect(source.read(2)).rejects.toMatchObject({ code: 'out-of-range' });
  });
});

describe('minSide', () => {
  it('decodes large JPEGs smaller, and nothing else', async () => {
    // A smooth picture, in which a quarter of the size shows the same.
    const values = new Uint8Array(800 * 600 * 3);
    for (let y = 0, at = 0; y < 600; y++) for (let x = 0; x < 800; x++) for (let c = 0; c < 3; c++) values[at++] = 127 + 100 * Math.sin(x / 90 + c) * Math.cos(y / 70);
    const photo = raw(800, 600, 3, values);
    const files = {
      'a.jpg': await photo.jpeg({ quality: 95 }).toBuffer(),
      'b.jpg': await photo.clone().withMetadata({ orientation: 6 }).jpeg({ quality: 95 }).toBuffer(),
      'c.png': await photo.clone().png().toBuffer(),
      'd.jpg': (await photo.clone().jpeg().toBuffer()).subarray(0, 3000),
    };
    const at = async (minSide: number): Promise<readonly string[]> => {
      const source = await imageFolder(await folderOf(files), { minSide });
      return Promise.all([0, 1, 2].map(async (index) => { const { width, height } = await source.read(index); return `${width}×${height}`; }));
    };
    expect(await at(301)).toEqual(['800×600', '600×800', '800×600']);
    expect(await at(300)).toEqual(['400×300', '300×400', '800×600']);
    expect(await at(150)).toEqual(['200×150', '150×200', '800×600']);
    expect(await at(1)).toEqual(['100×75', '75×100', '800×600']);
    const source = await imageFolder(await folderOf(files), { minSide: 150 });
    const { data } = await source.read(0);
    let error = 0;
    for (let y = 0, k = 0; y < 150; y++) for (let x = 0; x < 200; x++) for (let c = 0; c < 3; c++) error += Math.abs(data[k++]! - values[((4 * y + 2) * 800 + 4 * x + 2) * 3 + c]!);
    expect(error / data.length).toBeLessThan(2);
    await expect(source.read(3)).rejects.toMatchObject({ code: 'unreadable-image' });
    expect(await (await imageFolder(await folderOf(files), { minSide: 150, size: { height: 500, width: 700 } })).read(0)).toMatchObject({ height: 500, width: 700 });
    await expect(imageFolder('.', { minSide: 0 })).rejects.toThrow(/minSide is 0/);
  });
});

describe("size: 'detect'", () => {
  it('is the size that the images looked at have, to which any other is brought', async () => {
    const files: Record<string, Uint8Array> = { '00.png': Buffer.from('damaged') };
    for (let at = 1; at < 40; at++) files[`${String(at).padStart(2, '0')}.png`] = await png(at === 39 ? 9 : 4, 3, 'red');
    const source = await imageFolder(await folderOf(files), { size: 'detect' });
    expect(source.size).toEqual({ height: 3, width: 4 });
    expect(await source.read(39)).toMatchObject({ height: 3, width: 4 });
    files['20.png'] = await png(5, 3, 'red');
    const mixed = await imageFolder(await folderOf(files), { size: 'detect' });
    expect(mixed.size).toBeNull();
    expect(await mixed.read(39)).toMatchObject({ height: 3, width: 9 });
  });
});

describe('hostile files', () => {
  it('are named', async () => {
    const noise = Uint8Array.from({ length: 64 * 64 * 3 }, (_, at) => (at * 7919) % 251);
    const jpeg = await raw(64, 64, 3, noise).jpeg().toBuffer();
    const png64 = await raw(64, 64, 3, noise).png().toBuffer();
    const files = {
      'zero.jpg': new Uint8Array(0),
      'cut.jpg': jpeg.subarray(0, jpeg.length / 2),
      'cut.png': png64.subarray(0, png64.length / 2),
      'text.png': Buffer.from('hello'),
      'vector.png': Buffer.from('<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>'),
    };
    const source = await imageFolder(await folderOf(files));
    for (const [index, path] of source.files.entries()) {
      const error = await Promise.resolve(source.read(index)).catch((reason: unknown) => reason);
      expect(error, path).toBeInstanceOf(DataError);
      expect(error).toMatchObject({ code: 'unreadable-image', message: expect.stringContaining(path) });
    }
    expect(source.length).toBe(5);
    await expect(source.read(source.files.indexOf('vector.png'))).rejects.toThrow(/its contents are not JPEG, PNG/);
  });

  it('that would unpack to too many pixels are refused before decoding', async () => {
    const bomb = await png(8000, 7000, 'black');
    expect(bomb.length).toBeLessThan(300_000);
    await expect(decoded('bomb.png', bomb)).rejects.toThrow(/bomb\.png could not be decoded \(.*pixel limit/);
    await expect(decoded('x.png', await png(20, 20, 'black'), { maxPixels: 399 })).rejects.toThrow(/pixel limit/);
    expect((await decoded('x.png', await png(20, 20, 'black'), { maxPixels: 400 })).width).toBe(20);
  });

  it('fail the batch that they are in', async () => {
    const folder = await folderOf({ 'a.png': await png(4, 4, 'red'), 'b.png': Buffer.from('?') });
    const renderer: ViewRenderer = { height: 1, width: 1, channels: 3, render: (image, _key, out) => out.set(image.data.subarray(0, 3)) };
    const batches = viewBatches(await imageFolder(folder), { views: { a: renderer }, batchSize: 2, seed: 0 });
    await expect(batches.epoch(0)[Symbol.asyncIterator]().next()).rejects.toThrow(/b\.png could not be decoded/);
  });
});
