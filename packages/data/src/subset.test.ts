import { arraySource, DataError, fraction, ofClasses, subset, take, type ImageSource } from '@selfsup/data';
import { describe, expect, it } from 'vitest';

/** One-pixel images with the pixel = the index, of three classes of 100, 50 and 3. */
const labels = Int32Array.from({ length: 153 }, (_, index) => (index < 100 ? 0 : index < 150 ? 1 : 5));
const source = arraySource({ images: Uint8Array.from(labels.keys()), height: 1, width: 1, channels: 1, labels, name: 'set' });

const pixels = async (from: ImageSource): Promise<number[]> =>
  Promise.all(Array.from({ length: from.length }, async (_, index) => (await from.read(index)).data[0]!));

/** How many images of each class. */
const counts = (part: ImageSource): number[] => [0, 1, 5].map((label) => part.labels!.filter((one) => one === label).length);

describe('ofClasses', () => {
  const named = arraySource({ images: Uint8Array.from(labels.keys()), height: 1, width: 1, channels: 1, labels: labels.map((label) => Math.min(label, 2)), classes: ['ant', 'bee', 'cat', 'dog'], name: 'named' });

  it('keeps the images of the classes, in their order, with labels and names as they were', async () => {
    const some = ofClasses(source, [5, 0]);
    expect([some.length, counts(some)]).toEqual([103, [100, 0, 3]]);
    expect(await pixels(some)).toEqual([...Array(100).keys(), 150, 151, 152]);
    const bees = ofClasses(named, ['bee', 1, 'bee']);
    expect([bees.length, bees.classes, new Set(bees.labels)]).toEqual([50, ['ant', 'bee', 'cat', 'dog'], new Set([1])]);
    // Parts of parts are of the same images.
    expect(await pixels(subset(ofClasses(named, ['cat', 'bee']), [0, 50]))).toEqual([100, 150]);
  });

  it('says which classes there are', () => {
    expect(() => ofClasses(source, [7])).toThrow(/set has no images of the class 7; its classes are 0, 1, 5/);
    expect(() => ofClasses(named, ['eel'])).toThrow(/no images of the class "eel"; its classes are ant, bee, cat, dog/);
    // A name without an image.
    expect(() => ofClasses(named, ['dog'])).toThrow(/no images of the class "dog"/);
    expect(() => ofClasses(source, ['0'])).toThrow(DataError);
    const bare = arraySource({ images: Uint8Array.of(1), height: 1, width: 1, channels: 1 });
    expect(() => ofClasses(bare, [0])).toThrow(/has no labels/);
    expect(() => ofClasses(source, [])).toThrow(DataError);
  });
});

describe('arraySource', () => {
  it('divides bytes into images without copying', async () => {
    const images = Uint8Array.from({ length: 24 }, (_, at) => at);
    const { length, read, size, labels: none } = arraySource({ images, height: 1, width: 4, channels: 3 });
    expect({ length, size, none }).toEqual({ length: 2, size: { height: 1, width: 4 }, none: null });
    const { data } = await read(1);
    expect([data.buffer === images.buffer, data[0], data.length]).toEqual([true, 12, 12]);
  });

  it('explains what does not fit', () => {
    const images = new Uint8Array(12);
    const size = { height: 2, width: 2, channels: 1 };
    expect(() => arraySource({ images, ...size, width: 5 })).toThrow(/12 bytes, which is not one or more images of 2×5×1 = 10/);
    expect(() => arraySource({ images: new Uint8Array(0), ...size })).toThrow(DataError);
    expect(() => arraySource({ images, ...size, height: 0 })).toThrow(/height is 0/);
    expect(() => arraySource({ images, ...size, labels: new Uint8Array(2) })).toThrow(/3 images but 2 labels/);
    expect(() => arraySource({ images, ...size, labels: Int32Array.of(0, -1, 0) })).toThrow(/label -1 at index 1; labels are 0 or more/);
    expect(() => arraySource({ images, ...size, labels: Int32Array.of(0, 2, 0), classes: ['a', 'b'] })).toThrow(/label 2 at index 1; labels are 0 to 1/);
    for (const index of [-1, 3, 0.5, NaN]) {
      expect(() => arraySource({ images, ...size }).read(index)).toThrow(/indices are 0 to 2/);
    }
  });
});

describe('subset and take', () => {
  it('keep images and labels together', async () => {
    const part = subset(source, [152, 0, 120, 0]);
    expect(await pixels(part)).toEqual([152, 0, 120, 0]);
    expect(part.labels).toEqual(Int32Array.of(5, 0, 1, 0));
    expect(part.name).toBe('set (4 of 153)');
    expect(await pixels(subset(part, [2]))).toEqual([120]);
    expect(() => part.read(4)).toThrow(/indices are 0 to 3/);
    expect(await pixels(take(source, 3))).toEqual([0, 1, 2]);
    expect(take(source, 1000)).toBe(source);
    expect(subset({ ...source, labels: null }, [1]).labels).toBeNull();
  });

  it('refuse indices that are not there', () => {
    expect(() => subset(source, [0, 153])).toThrow(/no image 153/);
    expect(() => subset(source, [-1])).toThrow(DataError);
    expect(() => subset(source, [])).toThrow(/no indices/);
    expect(() => take(source, 0)).toThrow(/count is 0/);
  });
});

describe('fraction', () => {
  it('keeps the balance of the classes and the order of the images', async () => {
    const part = fraction(source, 0.1, 3);
    expect(counts(part)).toEqual([10, 5, 1]);
    const chosen = await pixels(part);
    expect(chosen).toEqual(chosen.toSorted((a, b) => a - b));
    expect(new Set(chosen).size).toBe(16);
  });

  it('depends on the seed alone, and nests', async () => {
    const large = await pixels(fraction(source, 0.5, 3));
    expect(await pixels(fraction(source, 0.5, 3))).toEqual(large);
    expect(await pixels(fraction(source, 0.5, 4))).not.toEqual(large);
    for (const index of await pixels(fraction(source, 0.1, 3))) expect(large).toContain(index);
    expect(await pixels(fraction(source, 1, 3))).toEqual([...labels.keys()]);
  });

  it('works without labels', () => {
    expect(fraction({ ...source, labels: null }, 0.2, 0).length).toBe(31);
  });

  it('wants a share', () => {
    for (const share of [0, -1, 1.01, NaN]) expect(() => fraction(source, share, 0)).toThrow(/above 0 and at most 1/);
    expect(() => fraction(source, 0.5, NaN)).toThrow(/seed is NaN/);
  });
});
