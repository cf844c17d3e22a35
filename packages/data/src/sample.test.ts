import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';
import { createServer } from 'node:http';
import { gunzipSync, gzipSync } from 'node:zlib';
import { decodeSample, fetchSample, type Image, type SampleSplits } from '@selfsup/data';
import { fashionMnistSample, idxFolder } from '@selfsup/data/node';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const asset = new URL('../assets/fashion-mnist-sample.idx.gz', import.meta.url);
const original = process.env['FASHION_MNIST'] ?? '/usr/share/datasets/fashion-mnist';

let sample: SampleSplits;
beforeAll(async () => {
  sample = await fashionMnistSample();
});

/** The first 16 hexadecimal digits of the image's SHA-256. */
const digest = (image: Image): string => createHash('sha256').update(image.data).digest('hex').slice(0, 16);

describe('the embedded sample', () => {
  it('has balanced classes', () => {
    for (const [split, each] of [['train', 1000], ['test', 200]] as const) {
      const { length, labels, classes, channels, size } = sample[split];
      expect({ length, channels, size }).toEqual({ length: each * 10, channels: 1, size: { height: 28, width: 28 } });
      expect(classes).toHaveLength(10);
      const counts = Array<number>(10).fill(0);
      for (const label of labels!) counts[label]!++;
      expect(counts).toEqual(Array(10).fill(each));
    }
  });

  it('has the pixels it had when it was made', async () => {
    const { train, test } = sample;
    const images = await Promise.all([train.read(0), train.read(1), train.read(5000), train.read(9999), test.read(0), test.read(1999)]);
    expect(images.map(digest)).toMatchInlineSnapshot(`
      [
        "5bd44e331a6d6998",
        "9cf80d28fd40cb6b",
        "18f84b81b3f30d17",
        "e42a7f0d1871b9ea",
        "ffc7351ed0f8bae5",
        "c6d1c6d30b02c5b3",
      ]
    `);
    expect([train.labels![0], train.labels![1], train.labels![9999], test.labels![0], test.labels![1999]]).toMatchInlineSnapshot(`
      [
        9,
        0,
        0,
        9,
        9,
      ]
    `);
  });

  it.skipIf(!existsSync(original))('equals the original files (skipped where they are not installed)', async () => {
    const { train, test } = await idxFolder(original);
    for (const [ours, theirs, each] of [[sample.train, train, 1000], [sample.test, test!, 200]] as const) {
      const taken = Array<number>(10).fill(0);
      let at = 0;
      for (let index = 0; index < theirs.length; index++) {
        const label = theirs.labels![index]!;
        if (taken[label]!++ >= each) continue;
        const [mine, other] = [(await ours.read(at)).data, (await theirs.read(index)).data];
        if (ours.labels![at] !== label || Buffer.compare(mine, other) !== 0) expect.fail(`${ours.name} ${at} is not image ${index}`);
        at++;
      }
      expect(at).toBe(ours.length);
    }
  });

  it('weighs less than 8 MB and has its licence beside it', async () => {
    expect((await stat(asset)).size).toBeLessThan(8e6);
    expect(await readFile(new URL('../assets/LICENSE-fashion-mnist', import.meta.url), 'utf8')).toMatch(/MIT License[\s\S]*Zalando SE/);
  });

  it('decodes unpacked bytes too, as servers may send them', async () => {
    const plain = await decodeSample(gunzipSync(await readFile(asset)));
    expect(digest(await plain.test.read(7))).toBe(digest(await sample.test.read(7)));
  });
});

describe('decodeSample on damaged bytes', () => {
  it('says what is wrong', async () => {
    const bytes = await readFile(asset);
    await expect(decodeSample(bytes.subarray(0, 1000))).rejects.toMatchObject({ code: 'bad-format' });
    await expect(decodeSample(new Uint8Array(0))).rejects.toThrow(/sample is empty/);
    await expect(decodeSample(Buffer.from('<!doctype html>'))).rejects.toThrow(/begins with 3c 21 64 6f/);
    await expect(decodeSample(gunzipSync(bytes).subarray(0, 9_000_000))).rejects.toMatchObject({ code: 'truncated' });
    const broken = Buffer.from(bytes);
    broken.fill(0, 100_000, 100_100);
    await expect(decodeSample(broken)).rejects.toMatchObject({ code: 'bad-format' });
  });

  it('stops a gzip bomb', async () => {
    await expect(decodeSample(gzipSync(Buffer.alloc(100_000_000)))).rejects.toMatchObject({ code: 'too-large' });
  });
});

describe('fetchSample', () => {
  const server = createServer((request, response) => {
    if (request.url !== '/sample.gz') return void response.writeHead(404).end();
    void readFile(asset).then((bytes) => response.end(bytes));
  });
  let base = '';
  beforeAll(async () => {
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const address = server.address();
    base = typeof address === 'object' && address ? `http://127.0.0.1:${address.port}` : '';
  });
  afterAll(() => void server.close());

  it('gets the asset over HTTP', async () => {
    const { train } = await fetchSample(`${base}/sample.gz`);
    expect(digest(await train.read(3))).toBe(digest(await sample.train.read(3)));
  });

  it('says when there is none', async () => {
    await expect(fetchSample(`${base}/missing`)).rejects.toThrow(/answered with status 404; serve/);
    await expect(fetchSample('http://127.0.0.1:1/x')).rejects.toMatchObject({ code: 'not-found' });
  });
});
