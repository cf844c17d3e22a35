// A folder of JPEGs like photos: 500 × 375, quality 90, about 60 kB each, with detail at every scale. Always the same ones.
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';

const width = 500;
const height = 375;

function generator(seed) {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) | 0;
    return (state >>> 0) / 2 ** 32;
  };
}

/** Noise of every octave under half-transparent discs. */
async function photo(random) {
  const sum = new Float32Array(width * height * 3).fill(128);
  for (const [cells, strength] of [[2, 60], [4, 40], [8, 30], [16, 22], [32, 16], [64, 12], [128, 14], [256, 18], [500, 14]]) {
    const rows = Math.max(2, Math.round((cells * height) / width));
    const noise = Buffer.alloc(cells * rows * 3);
    for (let pixel = 0; pixel < cells * rows; pixel++) {
      const gray = random();
      for (let channel = 0; channel < 3; channel++) noise[pixel * 3 + channel] = 255 * (0.75 * gray + 0.25 * random());
    }
    const octave = await sharp(noise, { raw: { width: cells, height: rows, channels: 3 } }).resize(width, height, { kernel: 'cubic', fit: 'fill' }).raw().toBuffer();
    for (let at = 0; at < sum.length; at++) sum[at] += strength * (octave[at] / 127.5 - 1);
  }
  const color = () => [0, 0, 0].map(() => Math.floor(random() * 255));
  const disc = () => `<circle cx="${random() * width}" cy="${random() * height}" r="${10 + random() * 80}" fill="rgb(${color()})" opacity="${0.3 + 0.5 * random()}"/>`;
  const discs = Buffer.from(`<svg width="${width}" height="${height}">${Array.from({ length: 12 }, disc).join('')}</svg>`);
  const pixels = Buffer.from(Uint8ClampedArray.from(sum).buffer);
  return sharp(pixels, { raw: { width, height, channels: 3 } }).composite([{ input: discs }]).removeAlpha().jpeg({ quality: 90 }).toBuffer();
}

/** The folder of `count` files, made when it is not there: 96 different photos over and over. */
export async function photoFolder(count) {
  const kind = createHash('sha256').update(readFileSync(new URL(import.meta.url))).digest('hex').slice(0, 12);
  const folder = join(tmpdir(), `selfsup-bench-photos-${kind}-${count}`);
  if (existsSync(folder)) return folder;
  const unfinished = `${folder}.${process.pid}`;
  mkdirSync(unfinished);
  const random = generator(12345);
  const photos = [];
  while (photos.length < Math.min(count, 96)) photos.push(await photo(random));
  for (let i = 0; i < count; i++) writeFileSync(join(unfinished, `${String(i).padStart(4, '0')}.jpg`), photos[i % photos.length]);
  rmSync(folder, { recursive: true, force: true });
  renameSync(unfinished, folder);
  return folder;
}
