import { crc32, inflateSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { encodePng } from './png.ts';
import { buildSprite } from './sprite.ts';

interface Png {
  readonly width: number;
  readonly height: number;
  readonly colourType: number;
  readonly lines: Buffer;
}

/** Reads the chunks, checking every checksum (inflate checks Adler's). */
function decode(bytes: Uint8Array): Png {
  const file = Buffer.from(bytes);
  expect(file.subarray(0, 8).toString('latin1')).toBe('\u0089PNG\r\n\u001a\n');
  const chunks = new Map<string, Buffer>();
  for (let at = 8; at < file.length; ) {
    const length = file.readUInt32BE(at);
    const body = file.subarray(at + 4, at + 8 + length);
    expect(file.readUInt32BE(at + 8 + length)).toBe(crc32(body));
    chunks.set(body.subarray(0, 4).toString(), body.subarray(4));
    at += 12 + length;
  }
  const header = chunks.get('IHDR')!;
  expect([...chunks.keys()]).toEqual(['IHDR', 'IDAT', 'IEND']);
  return { width: header.readUInt32BE(0), height: header.readUInt32BE(4), colourType: header[9]!, lines: inflateSync(chunks.get('IDAT')!) };
}

test.each([
  { channels: 1, colourType: 0 },
  { channels: 2, colourType: 4 },
  { channels: 3, colourType: 2 },
  { channels: 4, colourType: 6 },
])('a PNG of $channels channels, longer than one stored block, holds the pixels', ({ channels, colourType }) => {
  const [width, height] = [300, 250];
  const pixels = Uint8Array.from({ length: width * height * channels }, (_, i) => (i * 31) % 251);
  const png = decode(encodePng(pixels, width, height, channels));
  expect(png).toMatchObject({ width, height, colourType });
  const stride = width * channels;
  for (const y of [0, 1, 100, 249]) {
    expect(png.lines[y * (stride + 1)]).toBe(0);
    expect(png.lines.subarray(y * (stride + 1) + 1, (y + 1) * (stride + 1)).equals(pixels.subarray(y * stride, (y + 1) * stride))).toBe(true);
  }
});

const spriteOf = (images: Parameters<typeof buildSprite>[0]): Png & { readonly columns: number; readonly rows: number } => {
  const { url, columns, rows } = buildSprite(images);
  return { ...decode(Buffer.from(url.replace('data:image/png;base64,', ''), 'base64')), columns, rows };
};

test('a sprite lays images out row by row', () => {
  const data = Uint8Array.from({ length: 5 * 4 }, (_, i) => i + 1);
  const sprite = spriteOf({ width: 2, height: 2, channels: 1, data });
  expect(sprite).toMatchObject({ width: 6, height: 4, columns: 3, rows: 2 });
  expect([...sprite.lines]).toEqual([
    0, 1, 2, 5, 6, 9, 10,
    0, 3, 4, 7, 8, 11, 12,
    0, 13, 14, 17, 18, 0, 0,
    0, 15, 16, 19, 20, 0, 0,
  ]);
});

test('large images are averaged down', () => {
  const [width, height] = [130, 66];
  const data = new Uint8Array(width * height * 3);
  for (let i = 0; i < data.length; i++) data[i] = i % 3 === 1 ? 10 * (Math.floor(i / 3) % 3) : 200;
  const sprite = spriteOf({ width, height, channels: 3, data });
  expect(sprite).toMatchObject({ width: 43, height: 22 });
  expect([...sprite.lines.subarray(1, 7)]).toEqual([200, 10, 200, 200, 10, 200]);
});
