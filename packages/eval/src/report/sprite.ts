import { countImages } from './check-report.ts';
import { encodePng } from './png.ts';
import type { ReportImages } from './report-data.ts';

/** All images of a report in one picture, row by row. */
export interface Sprite {
  /** A `data:` URL. */
  readonly url: string;
  readonly columns: number;
  readonly rows: number;
  /** height / width of one image. */
  readonly aspect: number;
}

/** Longer sides are averaged down: on the page an image is a thumbnail. */
const longestSide = 64;

export function buildSprite(images: ReportImages): Sprite {
  const { width, height, channels, data } = shrunk(images);
  const count = countImages({ width, height, channels, data });
  const columns = Math.max(1, Math.ceil(Math.sqrt(count)));
  const rows = Math.max(1, Math.ceil(count / columns));
  const sheet = new Uint8Array(columns * rows * width * height * channels);
  const line = width * channels;
  for (let index = 0; index < count; index++) {
    const left = (index % columns) * line;
    const top = Math.floor(index / columns) * height;
    for (let y = 0; y < height; y++) {
      const start = (index * height + y) * line;
      sheet.set(data.subarray(start, start + line), (top + y) * columns * line + left);
    }
  }
  const png = encodePng(sheet, columns * width, rows * height, channels);
  return { url: `data:image/png;base64,${base64(png)}`, columns, rows, aspect: height / width };
}

/** Box averages over whole pixels. */
function shrunk(images: ReportImages): ReportImages {
  const { channels, data } = images;
  const factor = Math.ceil(Math.max(images.width, images.height) / longestSide);
  if (factor === 1) return images;
  const width = Math.max(1, Math.floor(images.width / factor));
  const height = Math.max(1, Math.floor(images.height / factor));
  const count = countImages(images);
  const sums = new Float32Array(count * width * height * channels);
  const [usedWidth, usedHeight] = [Math.min(images.width, width * factor), Math.min(images.height, height * factor)];
  for (let index = 0; index < count; index++) {
    for (let y = 0; y < usedHeight; y++) {
      for (let x = 0; x < usedWidth; x++) {
        const from = ((index * images.height + y) * images.width + x) * channels;
        const to = ((index * height + Math.floor(y / factor)) * width + Math.floor(x / factor)) * channels;
        for (let c = 0; c < channels; c++) sums[to + c] = sums[to + c]! + data[from + c]!;
      }
    }
  }
  const area = Math.min(factor, usedWidth) * Math.min(factor, usedHeight);
  return { width, height, channels, data: Uint8Array.from(sums, (sum) => Math.round(sum / area)) };
}

function base64(bytes: Uint8Array): string {
  let text = '';
  for (let start = 0; start < bytes.length; start += 8192) text += String.fromCharCode(...bytes.subarray(start, start + 8192));
  return btoa(text);
}

/** One image of the sprite; the `thumb` class of the style sheet reads the two numbers. */
export function thumbnail(index: number, columns: number): string {
  return `--col:${index % columns};--row:${Math.floor(index / columns)}`;
}
