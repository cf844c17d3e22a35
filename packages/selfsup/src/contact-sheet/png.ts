import type { Image } from '@selfsup/augment';
import sharp from 'sharp';
import { charactersIn, lineHeight, loadCaption, wrap } from './caption.ts';
import { createPixels } from './pixels.ts';
import type { Rgb } from './pixels.ts';
import type { Crop, Sheet, ShownImage } from './sheet.ts';
import { namesInWords } from './words.ts';

/** Pixels: the side of a cell, between cells, and around all. */
const cell = 224;
const gap = 16;
const margin = 24;
/** Views beside an original at most; the others follow below them. */
const mostColumns = 6;

const paper: Rgb = [255, 255, 255];
const ink: Rgb = [24, 24, 27];
const faint: Rgb = [95, 95, 105];

/** Colours that tell the crops of one image apart. */
export const cropColors: readonly Rgb[] = [
  [230, 60, 50], [20, 130, 240], [20, 160, 80], [240, 150, 0], [150, 70, 220], [0, 165, 175], [225, 70, 165], [120, 110, 20], [90, 90, 220], [150, 85, 50],
];

/** How an image is shown in a cell: enlarged in whole steps so that its pixels can be seen, or shrunk. */
function fitted({ height, width }: Pick<Image, 'height' | 'width'>): { readonly scale: number; readonly height: number; readonly width: number } {
  const longer = Math.max(height, width);
  const scale = longer <= cell ? Math.floor(cell / longer) : cell / longer;
  return { scale, height: Math.max(1, Math.round(height * scale)), width: Math.max(1, Math.round(width * scale)) };
}

/** Views are square and captions in a row stand level; an original's stands right under it. */
function shownHeight(image: Image): number {
  return image.height === image.width ? cell : fitted(image).height;
}

async function shrunk(image: Image): Promise<Image> {
  const { height, width, scale } = fitted(image);
  if (scale >= 1) return image;
  const raw = { height: image.height, width: image.width, channels: image.channels as 1 | 3 };
  const { data, info } = await sharp(image.data, { raw }).resize(width, height, { fit: 'fill' }).raw().toBuffer({ resolveWithObject: true });
  return { data: new Uint8Array(data), height, width, channels: info.channels };
}

/** Views in a row: whole epochs, or of an epoch that is too long for a row as many as fill its rows alike. */
function columnsFor({ images, recipes }: Sheet): number {
  const inEpoch = recipes.reduce((sum, { names }) => sum + names.length, 0);
  const most = Math.max(...images.map(({ views }) => views.length));
  const fitting = inEpoch > mostColumns ? Math.ceil(inEpoch / Math.ceil(inEpoch / mostColumns)) : inEpoch * Math.floor(mostColumns / inEpoch);
  return Math.min(most, fitting);
}

interface Cell {
  readonly image: Image;
  readonly heading: string;
  readonly color: Rgb | null;
  readonly crops: readonly { readonly crop: Crop; readonly color: Rgb }[];
  readonly lines: readonly string[];
}

function cellsOf({ image, index, views }: ShownImage): readonly Cell[] {
  const width = charactersIn(cell);
  const colored = views.map((view, i) => ({ view, color: cropColors[i % cropColors.length]! }));
  const crops = colored.flatMap(({ view, color }) => (view.crop === null ? [] : [{ crop: view.crop, color }]));
  return [
    { image, heading: `image ${index}`, color: null, crops, lines: [`${image.height}×${image.width}, as decoded`] },
    ...colored.map(({ view, color }): Cell => {
      const heading = `${view.name} · epoch ${view.key.epoch}`;
      return { image: view.image, heading, color: view.crop === null ? null : color, crops: [], lines: wrap(view.words, width) };
    }),
  ];
}

/** A cell and its place. The original stands to the left, its views in rows beside it. */
function layOut(cells: readonly Cell[], columns: number, top: number): { readonly placed: readonly { readonly cell: Cell; readonly x: number; readonly y: number }[]; readonly bottom: number } {
  const placed: { cell: Cell; x: number; y: number }[] = [{ cell: cells[0]!, x: margin, y: top }];
  let y = top;
  for (let from = 1; from < cells.length; from += columns) {
    const row = cells.slice(from, from + columns);
    for (const [i, each] of row.entries()) placed.push({ cell: each, x: margin + (i + 1) * (cell + gap), y });
    const captions = Math.max(...(from === 1 ? [cells[0]!, ...row] : row).map(({ lines }) => lines.length + 1));
    y += cell + 6 + captions * lineHeight + gap;
  }
  return { placed, bottom: y };
}

/** The sheet as a PNG, which looks the same everywhere: texts are drawn with a font of its own. */
export async function sheetPng(sheet: Sheet): Promise<Buffer> {
  const columns = columnsFor(sheet);
  const width = 2 * margin + (columns + 1) * (cell + gap) - gap;
  const characters = charactersIn(width - 2 * margin);
  const head = [
    { text: sheet.title, color: ink },
    ...wrap([sheet.subtitle], characters).map((text) => ({ text, color: faint })),
    ...sheet.recipes.flatMap(({ names, size, words }) => wrap([`${namesInWords(names)}: ${size} px`, ...words], characters).map((text) => ({ text, color: ink }))),
  ];
  const placed: { cell: Cell; x: number; y: number }[] = [];
  let y = margin + head.length * lineHeight + gap;
  for (const image of sheet.images) {
    const row = layOut(cellsOf(image), columns, y);
    placed.push(...row.placed);
    y = row.bottom;
  }
  const pixels = createPixels(width, y - gap + margin, paper);
  const caption = await loadCaption();
  for (const [line, { text, color }] of head.entries()) caption.write(pixels, text, margin, margin + line * lineHeight, color);
  for (const { cell: { image, heading, color, crops, lines }, x, y: top } of placed) {
    const shown = await shrunk(image);
    const { scale } = fitted(image);
    pixels.put(shown, x, top, Math.max(1, scale));
    for (const { crop, color: own } of crops) {
      pixels.frame(x + Math.round(crop.left * scale), top + Math.round(crop.top * scale), Math.round(crop.width * scale), Math.round(crop.height * scale), own);
    }
    const under = top + shownHeight(image) + 6;
    if (color) pixels.fill(x, under + 3, 10, 10, color);
    caption.write(pixels, heading, x + (color ? 16 : 0), under, ink);
    for (const [line, text] of lines.entries()) caption.write(pixels, text, x, under + (line + 1) * lineHeight, faint);
  }
  return sharp(pixels.data, { raw: { width: pixels.width, height: pixels.height, channels: 3 } }).png().toBuffer();
}
