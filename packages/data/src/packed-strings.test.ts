import { expect, it } from 'vitest';
import { packStrings, stringAt } from './packed-strings.ts';

it('strings of every kind come back, from memory that threads share', () => {
  const strings = ['', 'a/b.jpg', 'Übung/日本/👩‍🔬.png', '', 'x'.repeat(300)];
  const packed = packStrings(strings);
  expect(strings.map((_, index) => stringAt(packed, index))).toEqual(strings);
  expect([packed.bytes.buffer, packed.ends.buffer].every((buffer) => buffer instanceof SharedArrayBuffer)).toBe(true);
  // A copy for another thread shares the bytes.
  expect(stringAt(structuredClone(packed), 2)).toBe(strings[2]);
});
