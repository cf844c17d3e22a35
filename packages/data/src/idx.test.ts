import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { DataError, idxSource, parseIdx } from '@selfsup/data';
import { idxFolder, idxImages } from '@selfsup/data/node';
import * as fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

/** An IDX file with this header over these bytes, true or not. */
function idx(shape: readonly number[], data: ArrayLike<number>, type: number = 8): Uint8Array {
  const bytes = new Uint8Array(4 + 4 * shape.length + data.length);
  const view = new DataView(bytes.buffer);
  bytes.set([0, 0, type, shape.length]);
  shape.forEach((extent, axis) => view.setUint32(4 + 4 * axis, extent));
  bytes.set(data, 4 + 4 * shape.length);
  return bytes;
}

const images = idx([2, 2, 3], [...Array(12).keys()]);
const labels = idx([2], [7, 1]);

describe('parseIdx', () => {
  it('reads shape and data without copying', () => {
    const { shape, data } = parseIdx(images);
    expect(shape).toEqual([2, 2, 3]);
    expect([...data]).toEqual([...Array(12).keys()]);
    expect(data.buffer).toBe(images.buffer);
  });

  it('reads bytes that lie inside a larger buffer', () => {
    const larger = new Uint8Array(images.length + 5);
    larger.set(images, 5);
    expect(parseIdx(larger.subarray(5)).shape).toEqual([2, 2, 3]);
  });

  it('names what is wrong', () => {
    expect(() => parseIdx(new Uint8Array(0), 'a.idx')).toThrow(/^a\.idx is empty; an IDX file/);
    expect(() => parseIdx(gzipSync(images), 'a.idx')).toThrow(/still gzipped/);
    expect(() => parseIdx(Buffer.from('\x89PNG....'), 'a.idx')).toThrow(/begins with c2 89 50 4e; .*: give one, or unpack or download this one again\.$/);
    expect(() => parseIdx(idx([2], [0, 0, 0, 0, 0, 0, 0, 0], 0x0d))).toThrow(/begins with 00 00 0d 01/);
    expect(() => parseIdx(idx([], [1]))).toThrow(/begins with 00 00 08 00/);
    expect(() => parseIdx(images.subarray(0, 9))).toThrow(/ends inside its header of 16 bytes/);
    expect(() => parseIdx(images.subarray(0, 27))).toThrow(/declares 2×2×3 = 12 bytes but holds 11/);
    expect(() => parseIdx(idx([1], [1, 2]))).toThrow(/declares 1 but has 1 bytes more/);
  });

  it('does not believe a huge header', () => {
    const huge = 2 ** 32 - 1;
    expect(() => parseIdx(idx([huge, huge, huge], [1, 2, 3]))).toThrow(expect.objectContaining({ code: 'truncated' }));
    expect(() => parseIdx(idx(Array<number>(255).fill(huge), [1]))).toThrow(expect.objectContaining({ code: 'truncated' }));
  });

  it('throws nothing but a DataError, whatever the bytes', () => {
    const hostile = fc.oneof(
      fc.uint8Array({ maxLength: 64 }),
      fc.tuple(fc.uint8Array({ minLength: 1, maxLength: 60 })).map(([tail]) => Uint8Array.from([0, 0, 8, ...tail])),
    );
    fc.assert(
      fc.property(hostile, (bytes) => {
        try {
          const { shape, data } = parseIdx(bytes);
          expect(data.length).toBe(shape.reduce((a, b) => a * b, 1));
        } catch (error) {
          expect(error).toBeInstanceOf(DataError);
        }
      }),
      { seed: 2, numRuns: 1000 },
    );
  });
});

describe('idxSource', () => {
  it('wants three axes for images and one for labels', () => {
    expect(() => idxSource({ images: parseIdx(labels), name: 'x' })).toThrow(/shape 2; an IDX file of images has three axes/);
    expect(() => idxSource({ images: parseIdx(images), labels: parseIdx(images), name: 'x' })).toThrow(/labels has one axis/);
  });

  it('wants images', () => {
    expect(() => idxSource({ images: { shape: [0, 28, 28], data: new Uint8Array(0) }, name: 'x' })).toThrow(DataError);
    expect(() => idxSource({ images: { shape: [3, 0, 28], data: new Uint8Array(0) }, name: 'x' })).toThrow(/height is 0/);
  });
});

describe('IDX files', () => {
  let folder = '';
  const file = async (name: string, bytes: Uint8Array): Promise<string> => {
    await writeFile(join(folder, name), bytes);
    return join(folder, name);
  };
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'selfsup-idx-'));
  });
  afterAll(() => rm(folder, { recursive: true }));

  it('are read plain and gzipped', async () => {
    const plain = await idxImages(await file('i.idx', images), await file('l.idx', labels));
    const packed = await idxImages(await file('i.idx.gz', gzipSync(images)), await file('l.idx.gz', gzipSync(labels)));
    for (const source of [plain, packed]) {
      expect(source).toMatchObject({ length: 2, channels: 1, size: { height: 2, width: 3 } });
      expect([...source.labels!]).toEqual([7, 1]);
      expect([...(await source.read(1)).data]).toEqual([6, 7, 8, 9, 10, 11]);
    }
    expect((await idxImages(join(folder, 'i.idx'))).labels).toBeNull();
  });

  it('name the file in errors', async () => {
    await expect(idxImages(join(folder, 'none.idx'))).rejects.toThrow(/There is no file .*none\.idx/);
    const cut = await file('cut.gz', gzipSync(images).subarray(0, 20));
    await expect(idxImages(cut)).rejects.toThrow(/cut\.gz is not a complete gzip file/);
    const trailing = await file('trailing.gz', Buffer.concat([gzipSync(images), Buffer.from('x')]));
    await expect(idxImages(trailing)).rejects.toBeInstanceOf(DataError);
    const three = await file('three.idx', idx([3], [0, 0, 0]));
    await expect(idxImages(join(folder, 'i.idx'), three)).rejects.toThrow(/2 images but 3 labels/);
    await expect(idxImages(folder)).rejects.toThrow(/cannot be read/);
  });

  it('are judged by the beginning of what is packed: no more is unpacked than the header says', async () => {
    // 200 MB of zeros behind the header of a small set; unpacked, they would be seen in memory and time.
    const bomb = gzipSync(Buffer.concat([idx([2, 2, 3], []), Buffer.alloc(200_000_000)]));
    await expect(idxImages(await file('bomb.gz', bomb))).rejects.toMatchObject({ code: 'too-large', message: expect.stringMatching(/bomb\.gz unpacks to more than the 28 bytes/) });
    // What is no IDX file is refused for that, and not unpacked: the damage behind its beginning is never met.
    const foreign = gzipSync(Buffer.from('no images at all '.repeat(100_000)));
    foreign.fill(0, foreign.length - 8);
    await expect(idxImages(await file('foreign.gz', foreign))).rejects.toMatchObject({ code: 'bad-format', message: expect.not.stringMatching(/complete gzip/) });
    // A header that claims more than any array holds.
    await expect(idxImages(await file('claims.gz', gzipSync(idx([70_000, 70_000, 3], Array(5000).fill(1)))))).rejects.toMatchObject({ code: expect.stringMatching(/^(truncated|too-large)$/) });
  });

  it('make a folder of splits', async () => {
    await expect(idxFolder(folder)).rejects.toThrow(/no train-images-idx3-ubyte/);
    await file('train-images.idx3-ubyte', images);
    expect(await idxFolder(folder)).toMatchObject({ train: { length: 2, labels: null }, test: null });
    await file('train-labels-idx1-ubyte.gz', gzipSync(labels));
    await file('t10k-images-idx3-ubyte.gz', gzipSync(images));
    const { train, test } = await idxFolder(folder);
    expect([...train.labels!]).toEqual([7, 1]);
    expect(test).toMatchObject({ length: 2, labels: null });
  });
});
