import sharp from 'sharp';
import { atlas, characters, glyphHeight, glyphWidth } from './caption-font.ts';
import type { Pixels, Rgb } from './pixels.ts';

/** Pixels between the lines of a text. */
export const lineHeight: number = glyphHeight + 1;

/** Writes lines of text of one width per character. Characters that the font lacks become question marks. */
export interface Caption {
  readonly write: (on: Pixels, line: string, x: number, y: number, color: Rgb) => void;
}

export async function loadCaption(): Promise<Caption> {
  const { data, info } = await sharp(Buffer.from(atlas, 'base64')).toColourspace('b-w').raw().toBuffer({ resolveWithObject: true });
  const places = new Map([...characters].map((character, place) => [character, place]));
  const unknown = places.get('?')!;
  const write: Caption['write'] = (on, line, x, y, color) => {
    for (const [at, character] of [...line].entries()) {
      const from = (places.get(character) ?? unknown) * glyphWidth;
      for (let row = 0; row < glyphHeight; row++) {
        for (let column = 0; column < glyphWidth; column++) {
          on.blend(x + at * glyphWidth + column, y + row, color, data[row * info.width + from + column]! / 255);
        }
      }
    }
  };
  return { write };
}

/** How many characters fit into so many pixels. */
export function charactersIn(width: number): number {
  return Math.floor(width / glyphWidth);
}

/** Parts with dots between in lines of at most `width` characters, broken between parts, and inside a part that is longer than a line. */
export function wrap(parts: readonly string[], width: number): readonly string[] {
  const lines: string[] = [];
  const add = (piece: string, between: string): void => {
    const last = lines.at(-1);
    if (last !== undefined && [...last, ...between, ...piece].length <= width) lines[lines.length - 1] = last + between + piece;
    else lines.push(...(piece.match(new RegExp(`.{1,${width}}`, 'gu')) ?? []));
  };
  for (const part of parts) {
    if ([...part].length <= width) add(part, ' · ');
    else for (const [at, word] of part.split(' ').entries()) add(word, at === 0 ? ' · ' : ' ');
  }
  return lines;
}
