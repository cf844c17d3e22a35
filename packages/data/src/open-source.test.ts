import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { openSource } from '@selfsup/data/node';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

let root = '';
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'selfsup-open-'));
});
afterAll(() => rm(root, { recursive: true }));

async function write(path: string, bytes: Uint8Array): Promise<void> {
  await mkdir(dirname(join(root, path)), { recursive: true });
  await writeFile(join(root, path), bytes);
}

const idxOfOneImage = Uint8Array.from([0, 0, 8, 3, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 2, 5, 6]);
const idxOfOneLabel = Uint8Array.from([0, 0, 8, 1, 0, 0, 0, 1, 4]);

describe('openSource', () => {
  it('opens the embedded sample', async () => {
    expect(await openSource('embedded')).toMatchObject({ train: { length: 10_000 }, test: { length: 2_000 } });
  });

  it('opens IDX folders and IDX files with the labels beside them', async () => {
    await write('idx/train-images-idx3-ubyte', idxOfOneImage);
    await write('idx/train-labels-idx1-ubyte', idxOfOneLabel);
    expect(await openSource(join(root, 'idx'))).toMatchObject({ train: { length: 1 }, test: null });
    const { train, test } = await openSource(join(root, 'idx/train-images-idx3-ubyte'));
    expect([...train.labels!, test]).toEqual([4, null]);
    await write('mine.idx', idxOfOneImage);
    expect(await openSource(join(root, 'mine.idx'))).toMatchObject({ train: { length: 1, labels: null }, test: null });
  });

  it('opens CIFAR folders', async () => {
    const record = new Uint8Array(3073);
    for (let batch = 1; batch <= 5; batch++) await write(`cifar/data_batch_${batch}.bin`, record);
    await write('cifar/test_batch.bin', record);
    expect(await openSource(join(root, 'cifar'))).toMatchObject({ train: { length: 5 }, test: { length: 1 } });
    await write('partial/test_batch.bin', record);
    await expect(openSource(join(root, 'partial'))).rejects.toThrow(/has no data_batch_1\.bin/);
    await write('cifar100/train.bin', new Uint8Array(3074));
    expect(await openSource(join(root, 'cifar100'))).toMatchObject({ train: { length: 1, channels: 3 }, test: null });
  });

  it('opens image folders, with and without splits', async () => {
    const png = await sharp({ create: { width: 2, height: 2, channels: 3, background: 'red' } }).png().toBuffer();
    await write('flat/a.png', png);
    expect(await openSource(join(root, 'flat'), { channels: 1 })).toMatchObject({ train: { length: 1, channels: 1, labels: null }, test: null });
    for (const path of ['train/ant/a.png', 'train/bee/b.png', 'train/cat/c.png', 'val/bee/d.png', 'val/cat/e.png']) await write(`split/${path}`, png);
    const { train, test } = await openSource(join(root, 'split'));
    expect([...train.labels!]).toEqual([0, 1, 2]);
    // `ant` has no test images; the others keep their numbers.
    expect([...test!.labels!]).toEqual([1, 2]);
    await write('split/test/dog/f.png', png);
    await expect(openSource(join(root, 'split'))).rejects.toThrow(/class "dog", which is not one of: ant, bee, cat/);
  });

  it('opens an image', async () => {
    await write('one.png', await sharp({ create: { width: 5, height: 4, channels: 3, background: '#030201' } }).png().toBuffer());
    const { train, test } = await openSource(join(root, 'one.png'), { size: 'detect' });
    expect(train).toMatchObject({ name: 'one.png', length: 1, channels: 3, size: { height: 4, width: 5 }, labels: null });
    expect([...(await train.read(0)).data.subarray(0, 3), test]).toEqual([3, 2, 1, null]);
    await write('broken.jpg', Uint8Array.from([1, 2, 3]));
    const broken = await openSource(join(root, 'broken.jpg'));
    await expect(broken.train.read(0)).rejects.toMatchObject({ code: 'unreadable-image', message: expect.stringContaining('broken.jpg') });
  });

  it('says what was expected when nothing fits', async () => {
    await expect(openSource(join(root, 'nothing'))).rejects.toThrow(/There is nothing at ".*nothing"; give the path or the URL of images that are there, or `embedded`/);
    await write('documents/readme.txt', idxOfOneLabel);
    await expect(openSource(join(root, 'documents'))).rejects.toThrow(/has no JPEG, PNG, WebP, AVIF, TIFF or GIF files; give images, .* or `embedded`\.$/);
    await expect(openSource(join(root, 'documents/readme.txt'))).rejects.toThrow(/is a file of an unknown kind; give images, /);
    await expect(openSource('')).rejects.toMatchObject({ code: 'not-found' });
  });
});
