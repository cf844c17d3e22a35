import { arraySource, inMemory, subset, type ImageSource } from '@selfsup/data';
import { expect, it } from 'vitest';

const source = arraySource({
  images: Uint8Array.from({ length: 100 * 6 }, (_, at) => at % 251),
  height: 1,
  width: 2,
  channels: 3,
  labels: Int32Array.from({ length: 100 }, (_, index) => index % 4),
  classes: ['a', 'b', 'c', 'd'],
  name: 'set',
});

it('keeps pixels, labels and names, and reads each image no more', async () => {
  let reads = 0;
  const slow: ImageSource = {
    ...source,
    size: null,
    read: async (index) => {
      reads++;
      await new Promise((resolve) => setTimeout(resolve, index % 3));
      return source.read(index);
    },
  };
  const kept = await inMemory(slow);
  expect(reads).toBe(101);
  expect(kept).toMatchObject({ name: 'set', length: 100, channels: 3, size: { height: 1, width: 2 }, classes: source.classes });
  expect(kept.labels).toEqual(source.labels);
  for (let index = 0; index < 100; index++) expect((await kept.read(index)).data).toEqual((await source.read(index)).data);
  expect(reads).toBe(101);
});

it('explains what it cannot keep', async () => {
  const mixed: ImageSource = { ...source, size: null, read: (index) => (index === 40 ? { data: new Uint8Array(3), width: 1, height: 1, channels: 3 } : source.read(index)) };
  await expect(inMemory(mixed)).rejects.toThrow(/Image 40 of set is 1×1, not 1×2 as the first/);
  const huge: ImageSource = { ...subset(source, [0]), length: 2 ** 50 };
  await expect(inMemory(huge)).rejects.toMatchObject({ code: 'too-large' });
  await expect(inMemory({ ...source, length: 0 })).rejects.toThrow(/has no images/);
});
