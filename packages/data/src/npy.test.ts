import { mkdtemp, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { npySource, parseNpy } from '@selfsup/data';
import { npyImages, openSource } from '@selfsup/data/node';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

let root = '';
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'selfsup-npy-'));
});
afterAll(() => rm(root, { recursive: true }));

/** A file as numpy.save writes it: the header padded so that the data begins at a multiple of 64. */
function npy(descr: string, shape: string, data: ArrayLike<number>, { fortran = 'False', version = 1 } = {}): Uint8Array {
  const prefix = version === 1 ? 10 : 12;
  const text = `{'descr': '${descr}', 'fortran_order': ${fortran}, 'shape': ${shape}, }`;
  const header = `${text.padEnd(Math.ceil((prefix + text.length + 1) / 64) * 64 - prefix - 1)}\n`;
  const bytes = new Uint8Array(prefix + header.length + data.length);
  bytes.set([0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59, version, 0, header.length % 256, Math.floor(header.length / 256)]);
  bytes.set(new TextEncoder().encode(header), prefix);
  bytes.set(data, prefix + header.length);
  return bytes;
}

const bytesOf = (numbers: Int32Array | BigInt64Array | Uint16Array | Int8Array): Uint8Array => new Uint8Array(numbers.buffer);
const pixels = Uint8Array.from({ length: 24 }, (_, at) => at);

/** `numpy.save(f, numpy.arange(6, dtype='uint8').reshape(1, 2, 3))` of NumPy 2.4.6. */
const SAVED =
  'k05VTVBZAQB2AHsnZGVzY3InOiAnfHUxJywgJ2ZvcnRyYW5fb3JkZXInOiBGYWxzZSwgJ3NoYXBlJzogKDEsIDIsIDMpLCB9ICAgICAgICAgICAg' +
  'ICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgIAoAAQIDBAU=';

const source = (descr: string, shape: string, data: ArrayLike<number>) => (): unknown => npySource({ images: parseNpy(npy(descr, shape, data)), name: 'x' });
const labels = (descr: string, shape: string, data: ArrayLike<number>) => (): unknown =>
  npySource({ images: parseNpy(npy('|u1', '(4, 2, 3)', pixels)), labels: parseNpy(npy(descr, shape, data)), name: 'x' });

describe('.npy', () => {
  it('reads what NumPy wrote', async () => {
    const saved = npySource({ images: parseNpy(Buffer.from(SAVED, 'base64')), name: 'x' });
    expect(saved).toMatchObject({ length: 1, size: { height: 2, width: 3 }, channels: 1, labels: null });
    expect([...(await saved.read(0)).data]).toEqual([0, 1, 2, 3, 4, 5]);
  });

  it('reads gray and colour images of every version, with labels of any whole type', async () => {
    for (const version of [1, 2, 3]) {
      const images = parseNpy(npy('|u1', '(2, 2, 2, 3)', pixels, { version }));
      for (const [descr, numbers] of [
        ['<i8', bytesOf(BigInt64Array.of(3n, 1n))], ['<i4', bytesOf(Int32Array.of(3, 1))], ['<u2', bytesOf(Uint16Array.of(3, 1))], ['|u1', [3, 1]],
      ] as const) {
        const opened = npySource({ images, labels: parseNpy(npy(descr, '(2,)', numbers)), name: 'x' });
        expect(opened).toMatchObject({ length: 2, channels: 3 });
        expect([...opened.labels!]).toEqual([3, 1]);
        expect([...(await opened.read(1)).data]).toEqual([...pixels.subarray(12)]);
      }
    }
  });

  it('is opened by path, with the labels beside it', async () => {
    await writeFile(join(root, 'train-images.npy'), npy('|u1', '(4, 2, 3)', pixels));
    await writeFile(join(root, 'train-labels.npy'), npy('|u1', '(4,)', [1, 0, 1, 2]));
    await writeFile(join(root, 'photos.npy'), npy('|u1', '(4, 2, 3)', pixels));
    expect([...(await npyImages(join(root, 'train-images.npy'))).labels!]).toEqual([1, 0, 1, 2]);
    expect(await openSource(join(root, 'photos.npy'))).toMatchObject({ train: { length: 4, labels: null }, test: null });
    await expect(npyImages(join(root, 'gone.npy'))).rejects.toMatchObject({ code: 'not-found' });
  });

  it('larger files are read by ranges: the same images, from where they lie', async () => {
    const path = join(root, 'large-images.npy');
    await writeFile(path, npy('|u1', '(4, 2, 3)', pixels));
    await writeFile(join(root, 'large-labels.npy'), npy('|u1', '(4,)', [1, 0, 1, 2]));
    const whole = await npyImages(path);
    const ranged = await npyImages(path, undefined, { maxBytes: 10 });
    expect([whole.read.origin?.kind, ranged.read.origin?.kind]).toEqual(['array', 'rows']);
    expect({ ...ranged, read: null }).toEqual({ ...whole, read: null });
    for (const index of [3, 0, 2, 1]) expect(await ranged.read(index)).toEqual(await whole.read(index));
    await expect(Promise.resolve().then(() => ranged.read(4))).rejects.toMatchObject({ code: 'out-of-range' });
    // Nothing was kept: what is in the file now is what is read, and what is cut off is missed.
    await writeFile(path, npy('|u1', '(4, 2, 3)', pixels.map((value) => 100 + value)));
    expect((await ranged.read(1)).data[0]).toBe(106);
    await truncate(path, 128 + 12);
    await expect(ranged.read(3)).rejects.toMatchObject({ code: 'truncated' });
    await expect(npyImages(path, undefined, { maxBytes: 10 })).rejects.toMatchObject({ code: 'truncated' });
    await writeFile(join(root, 'one.npy'), npy('|u1', '(1,)', [3]));
    await writeFile(path, npy('|u1', '(4, 2, 3)', pixels));
    await expect(npyImages(path, join(root, 'one.npy'), { maxBytes: 10 })).rejects.toMatchObject({ code: 'mismatch' });
  });

  it('refuses other layouts', () => {
    expect(() => parseNpy(npy('|u1', '(4, 2, 3)', pixels, { fortran: 'True' }))).toThrow(/Fortran order; save numpy.ascontiguousarray/);
    expect(source('<f4', '(1, 2, 3)', pixels)).toThrow(/\[1, 2, 3\] of <f4; images are .* of uint8/);
    expect(source('|u1', '(24,)', pixels)).toThrow(/\[24\] of \|u1/);
    expect(source('|u1', '(1, 3, 2, 4)', pixels)).not.toThrow();
    expect(source('|u1', '(1, 3, 1, 8)', pixels)).toThrow(/looks like channels first/);
    expect(source('|u1', '(0, 2, 2)', [])).toThrow(/without a pixel/);
    expect(() => parseNpy(npy('|O', '(24,)', pixels))).toThrow(/only plain arrays of numbers/);
    expect(labels('|i1', '(4,)', bytesOf(Int8Array.of(1, -1, 0, 0)))).toThrow(/has the label -1 at index 1/);
    expect(labels('|u1', '(3,)', [0, 1, 2])).toThrow(/4 images but 3 labels/);
    expect(labels('<f4', '(1,)', [0, 0, 0, 0])).toThrow(/labels \[1\] of <f4/);
  });

  it('checks what the header claims against what is there', () => {
    const whole = npy('|u1', '(4, 2, 3)', pixels);
    expect(() => parseNpy(whole.subarray(0, whole.length - 1), 'x.npy')).toThrow(/x\.npy declares 4×2×3 of \|u1 = 24 bytes but holds 23/);
    expect(() => parseNpy(npy('|u1', '(4, 2, 2)', pixels))).toThrow(/declares 16 bytes but holds 24/);
    expect(() => parseNpy(npy('|u1', '(999999999, 999999999, 999999999)', pixels))).toThrow(/but holds 24/);
    expect(() => parseNpy(npy('|u1', `(0, ${'9'.repeat(400)}, 1)`, pixels))).toThrow(/claims the shape/);
    expect(() => parseNpy(whole.subarray(0, 40))).toThrow(/ends inside its header/);
    expect(() => parseNpy(whole.subarray(0, 8))).toThrow(/ends inside its header/);
    for (const bytes of [new Uint8Array(0), whole.subarray(1), Uint8Array.from(whole, (byte, at) => (at === 6 ? 9 : byte))]) {
      expect(() => parseNpy(bytes)).toThrow(/does not begin like a \.npy file/);
    }
  });
});
