import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CIFAR10_CLASSES, cifarSource, type ImageSource } from '@selfsup/data';
import { cifar10, cifar100 } from '@selfsup/data/node';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

/** Records whose red, green and blue planes are (position mod 200), 201 + label and 255. */
function records(labels: readonly (readonly number[])[]): Uint8Array {
  return Uint8Array.from(
    labels.flatMap((label) => [
      ...label,
      ...Array.from({ length: 1024 }, (_, position) => position % 200),
      ...Array<number>(1024).fill(201 + label.at(-1)!),
      ...Array<number>(1024).fill(255),
    ]),
  );
}

const make = (format: 'cifar10' | 'cifar100', ...files: Uint8Array[]) => (): ImageSource =>
  cifarSource({ files, format, name: 'c' });

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'selfsup-cifar-'));
});
afterAll(() => rm(folder, { recursive: true }));

describe('cifarSource', () => {
  it('turns planes into pixels and joins files', async () => {
    const source = cifarSource({ files: [records([[3], [0]]), records([[9]])], format: 'cifar10', name: 'c' });
    expect(source).toMatchObject({ length: 3, channels: 3, size: { height: 32, width: 32 }, classes: CIFAR10_CLASSES });
    expect([...source.labels!]).toEqual([3, 0, 9]);
    for (const [index, label] of [3, 0, 9].entries()) {
      const { data } = await source.read(index);
      expect([...data.subarray(0, 6)]).toEqual([0, 201 + label, 255, 1, 201 + label, 255]);
      expect([...data.subarray(3 * 1023)]).toEqual([1023 % 200, 201 + label, 255]);
    }
  });

  it('keeps the fine label of CIFAR-100', () => {
    expect([...cifarSource({ files: [records([[4, 17]])], format: 'cifar100', name: 'c' }).labels!]).toEqual([17]);
  });

  it('refuses files that are something else', () => {
    expect(make('cifar10', records([[1]]).subarray(1))).toThrow(/a file of 3072 bytes, which is not one or more records of 3073 bytes/);
    expect(make('cifar10', records([[1, 2]]))).toThrow(/3074 bytes/);
    expect(make('cifar10', new Uint8Array(0))).toThrow(/a file of 0 bytes/);
    expect(make('cifar10', records([[1], [10]]))).toThrow(/label 10 at index 1; it is not the binary version of cifar10/);
    expect(make('cifar100', records([[1, 100]]))).toThrow(/label 100/);
    expect(make('cifar10')).toThrow(/0 bytes/);
  });
});

describe('the folder', () => {
  it('is read batch by batch', async () => {
    for (let batch = 1; batch <= 5; batch++) {
      await expect(cifar10(folder)).rejects.toThrow(new RegExp(`has no data_batch_${batch}\\.bin`));
      await writeFile(join(folder, `data_batch_${batch}.bin`), records([[batch], [0]]));
    }
    const { train, test } = await cifar10(folder);
    expect([...train.labels!]).toEqual([1, 0, 2, 0, 3, 0, 4, 0, 5, 0]);
    expect(test).toBeNull();
    await writeFile(join(folder, 'test_batch.bin'), records([[8]]));
    expect((await cifar10(folder)).test).toMatchObject({ length: 1 });
  });

  it('of CIFAR-100 brings its class names', async () => {
    await expect(cifar100(folder)).rejects.toThrow(/has no train\.bin/);
    await writeFile(join(folder, 'train.bin'), records([[1, 2]]));
    expect((await cifar100(folder)).train.classes).toBeNull();
    const names = Array.from({ length: 100 }, (_, label) => `class${label}`);
    await writeFile(join(folder, 'fine_label_names.txt'), `${names.join('\r\n')}\n\n`);
    expect((await cifar100(folder)).train.classes).toEqual(names);
    await writeFile(join(folder, 'fine_label_names.txt'), 'apple\nbear\n');
    await expect(cifar100(folder)).rejects.toThrow(/label 2 at index 0; labels are 0 to 1/);
  });
});
