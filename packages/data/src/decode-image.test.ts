import { expect, it } from 'vitest';
import { unreadable } from './decode-image.ts';

it('the reason is one line, since the others may be of another image', () => {
  const { message } = unreadable('a.png', new Error('pngload_buffer: libspng read error\nvips2png: of another thread\n'));
  expect(message).toBe('a.png could not be decoded (pngload_buffer: libspng read error); replace or remove it.');
});
