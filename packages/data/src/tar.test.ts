import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ByteFile } from './byte-file.ts';
import { DataError } from './error.ts';
import { makeTar, pax, type WrittenEntry } from './tar-writer.test-helper.ts';
import { tarEntries, type TarEntry } from './tar.ts';

const fileOf = (bytes: Uint8Array): ByteFile => ({
  place: 'x.tar', size: bytes.length, version: null, headers: null,
  read: (start, end) => Promise.resolve(bytes.slice(start, end)),
});

async function entriesOf(bytes: Uint8Array, from?: number): Promise<TarEntry[]> {
  const all: TarEntry[] = [];
  for await (const entry of tarEntries(fileOf(bytes), from)) all.push(entry);
  return all;
}

const pathsOf = async (entries: readonly WrittenEntry[]): Promise<string[]> => (await entriesOf(makeTar(entries))).map(({ path }) => path);
const long = `${'deep/'.repeat(60)}name.jpg`;

describe('tarEntries', () => {
  it('finds every file where it lies', async () => {
    const contents = ['', 'a', 'b'.repeat(511), 'c'.repeat(512), 'd'.repeat(513), 'e'.repeat(200_000), 'f'];
    const bytes = makeTar(contents.map((data, at) => ({ path: `${at}.txt`, data })));
    const entries = await entriesOf(bytes);
    expect(entries.map(({ path, type }) => [path, type])).toEqual(contents.map((_, at) => [`${at}.txt`, 'file']));
    for (const [at, { offset, size, header, data }] of entries.entries()) {
      expect(new TextDecoder().decode(bytes.subarray(offset, offset + size))).toBe(contents[at]);
      expect(new TextDecoder().decode(await data())).toBe(contents[at]);
      // Any entry can be named again from its headers.
      expect((await entriesOf(bytes, header))[0]!.path).toBe(`${at}.txt`);
    }
  });

  it('reads ustar prefixes, pax and GNU long names, and sizes in either', async () => {
    expect(await pathsOf([{ path: 'b.jpg', prefix: 'dir' }])).toEqual(['dir/b.jpg']);
    expect(await pathsOf([{ path: 'b.jpg', prefix: 'times', magic: 'ustar  \0' }])).toEqual(['b.jpg']);
    expect(await pathsOf([{ path: 'v7.jpg', magic: '' }])).toEqual(['v7.jpg']);
    expect(await pathsOf([pax({ path: long, mtime: '1.5' }), { path: 'short.jpg' }, { path: 'next.jpg' }])).toEqual([long, 'next.jpg']);
    expect(await pathsOf([pax({ path: 'grün/ü.jpg' }), { path: 'x' }])).toEqual(['grün/ü.jpg']);
    expect(await pathsOf([{ path: '././@LongLink', type: 'L', data: `${long}\0` }, { path: 'short.jpg' }])).toEqual([long]);
    expect(await pathsOf([{ path: 'g', type: 'g', data: '11 path=no\n' }, { path: 'yes.jpg' }])).toEqual(['yes.jpg']);
    const [bySize] = await entriesOf(makeTar([pax({ size: '3' }), { path: 'a', data: 'abc', claims: 0 }]));
    expect(bySize!.size).toBe(3);
    const bytes = makeTar([{ path: 'a', data: 'abc' }]);
    bytes.set([0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 3], 124);
    bytes.set(new TextEncoder().encode('        '), 148);
    const sum = bytes.subarray(0, 512).reduce((total, byte) => total + byte, 0);
    bytes.set(new TextEncoder().encode(`${sum.toString(8).padStart(6, '0')}\0 `), 148);
    expect((await entriesOf(bytes))[0]!.size).toBe(3);
  });

  it('says what is no plain file', async () => {
    const kinds = await entriesOf(makeTar([
      { path: 'd/', type: '5' }, { path: 'old/' }, { path: 'l', type: '2', claims: 9999 }, { path: 'h', type: '1' }, { path: 'n', type: '3' },
      pax({ 'GNU.sparse.major': '1' }), { path: 's' }, { path: 'z', type: 'Z' }, { path: 'f', type: '7' },
    ]));
    expect(kinds.map(({ type }) => type)).toEqual(['folder', 'folder', 'a link', 'a link', 'a device', 'a sparse file', 'of the unknown type "Z"', 'file']);
  });

  it('stops at the end of the archive, which must be there', async () => {
    expect(await entriesOf(makeTar([]))).toHaveLength(0);
    await expect(entriesOf(makeTar([{ path: 'a' }], false))).rejects.toThrow(/ends without the zeros that end an archive/);
  });

  it('refuses archives that are cut short or claim more than there is', async () => {
    const bytes = makeTar([{ path: 'a.jpg', data: 'x'.repeat(1000) }, { path: 'b.jpg', data: 'y'.repeat(1000) }]);
    await expect(entriesOf(bytes.subarray(0, 2200))).rejects.toMatchObject({
      code: 'truncated', message: 'x.tar ends at byte 2200, inside b.jpg, which claims bytes 2048 to 3072; download or copy it again.',
    });
    await expect(entriesOf(bytes.subarray(0, 1700))).rejects.toThrow(/ends at byte 1700, inside a header/);
    await expect(entriesOf(new Uint8Array(0))).rejects.toThrow(/x\.tar is empty/);
    await expect(entriesOf(makeTar([{ path: 'a', claims: 8 ** 11 - 1 }]))).rejects.toMatchObject({ code: 'truncated' });
    await expect(entriesOf(makeTar([pax({ size: '9'.repeat(15) }), { path: 'a' }]))).rejects.toMatchObject({ code: 'truncated' });
    await expect(entriesOf(makeTar([pax({ size: '-1' }), { path: 'a' }]))).rejects.toMatchObject({ code: 'truncated' });
    await expect(entriesOf(makeTar([{ path: 'a', claims: '0000000000x\0' }]))).rejects.toThrow(/without a readable size/);
    await expect(entriesOf(makeTar([{ path: 'L', type: 'L', claims: 2 ** 30 }]))).rejects.toThrow(/name or attributes of 1073741824 bytes/);
  });

  it('refuses what is no tar or damaged', async () => {
    await expect(entriesOf(makeTar([{ path: 'a' }, { path: 'b', breakChecksum: true }]))).rejects.toMatchObject({
      code: 'bad-format', message: expect.stringMatching(/^Byte 512 of x\.tar is no tar header \(its checksum is wrong\)/),
    });
    await expect(entriesOf(Uint8Array.from({ length: 600 }, (_, at) => (at === 0 ? 0x1f : 0x8b)))).rejects.toThrow(/is gzipped.*gunzip/);
    for (const data of ['9 path=ab\n', '999 path=a\n', 'x path=a\n', '10 path a\n', '-3 a=b\n', '0 a=b\n']) {
      await expect(entriesOf(makeTar([{ path: 'p', type: 'x', data }, { path: 'a' }])), data).rejects.toThrow(/damaged pax attributes/);
    }
  });

  it('ends with entries inside the archive or a DataError, whatever the bytes', async () => {
    const whole = makeTar([pax({ path: long }), { path: 'a.jpg', data: 'x'.repeat(700) }, { path: 'b.cls', data: '1' }]);
    const damage = fc.array(fc.tuple(fc.nat(whole.length - 1), fc.nat(255)), { maxLength: 6 });
    await fc.assert(
      fc.asyncProperty(damage, fc.nat(whole.length), async (changes, length) => {
        const bytes = whole.slice(0, length);
        for (const [at, value] of changes) if (at < length) bytes[at] = value;
        try {
          for (const { offset, size } of await entriesOf(bytes)) expect(offset + size).toBeLessThanOrEqual(length);
        } catch (error) {
          expect(error).toBeInstanceOf(DataError);
        }
      }),
      { seed: 7, numRuns: 500 },
    );
  });
});
