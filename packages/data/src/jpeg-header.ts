import type { ImageSize } from './image.ts';

/** What the headers of a JPEG say. */
export interface JpegHeader extends ImageSize {
  /** True for 8 bits and three channels of YCbCr, not turned, without a colour profile, and ended as it should: no decoder has to do more than decode. */
  readonly plain: boolean;
}

const word = (bytes: Uint8Array, at: number): number => (bytes[at]! << 8) | bytes[at + 1]!;

const startsWith = (bytes: Uint8Array, at: number, text: string): boolean => [...text].every((character, i) => bytes[at + i] === character.charCodeAt(0));

/** True unless the EXIF block from `at` to `end` says that the image stands upright, or says nothing of it. */
function isTurned(bytes: Uint8Array, at: number, end: number): boolean {
  const tiff = at + 6;
  const little = bytes[tiff] === 0x49;
  const short = (from: number): number => (little ? word(Uint8Array.of(bytes[from + 1] ?? 0, bytes[from] ?? 0), 0) : word(bytes, from));
  const entries = tiff + (little ? short(tiff + 4) : short(tiff + 6));
  for (let entry = 0; entry < short(entries); entry++) {
    const from = entries + 2 + 12 * entry;
    if (from + 12 > end) return true;
    if (short(from) === 0x0112) return short(from + 8) !== 1;
  }
  return false;
}

/** Reads up to a JPEG's frame header and no further; null when the bytes are no JPEG or end before it. */
export function jpegHeader(bytes: Uint8Array): JpegHeader | null {
  if (bytes[0] !== 0xff || bytes[1] !== 0xd8) return null;
  let plain = bytes.at(-2) === 0xff && bytes.at(-1) === 0xd9;
  for (let at = 2; at + 10 <= bytes.length; ) {
    if (bytes[at] !== 0xff) return null;
    const marker = bytes[at + 1]!;
    // Fill bytes, and markers that stand alone.
    if (marker === 0xff) {
      at++;
      continue;
    }
    if (marker === 0x01 || (marker >= 0xd0 && marker <= 0xd8)) {
      at += 2;
      continue;
    }
    const end = at + 2 + word(bytes, at + 2);
    // A start of frame is C0 to CF, but for tables (C4), an extension (C8) and arithmetic conditioning (CC).
    if (marker >= 0xc0 && marker <= 0xcf && marker !== 0xc4 && marker !== 0xc8 && marker !== 0xcc) {
      // Sequential or progressive, coded by Huffman; and components that are numbered, not named R, G and B.
      const usual = marker <= 0xc2 && bytes[at + 4] === 8 && bytes[at + 9] === 3 && bytes[at + 10]! <= 1;
      return { height: word(bytes, at + 5), width: word(bytes, at + 7), plain: plain && usual };
    }
    // The image itself follows: no frame header is to come.
    if (marker === 0xda || marker === 0xd9) return null;
    if (marker === 0xe1 && startsWith(bytes, at + 4, 'Exif\0\0')) plain &&= !isTurned(bytes, at + 4, end);
    if (marker === 0xe2 && startsWith(bytes, at + 4, 'ICC_PROFILE\0')) plain = false;
    // Adobe's marker says which colours the channels are: 1 is YCbCr.
    if (marker === 0xee && startsWith(bytes, at + 4, 'Adobe')) plain &&= bytes[at + 15] === 1;
    at = end;
  }
  return null;
}
