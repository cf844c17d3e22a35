import { expect, test } from 'vitest';
import { duration, grouped, metric, percent, table } from './format.ts';
import { encodeNpy } from './npy.ts';

test('durations, percentages and tables read well', () => {
  expect([0, 59.6, 83, 3600, 7325].map(duration)).toEqual(['0s', '1m00s', '1m23s', '1h00m', '2h02m']);
  expect([percent(0.7654), percent(null)]).toEqual(['76.5', '–']);
  expect([grouped(1_234_567), metric(4_089_184_256), metric(300_774_272), metric(0)]).toEqual(['1,234,567', '4.089 G', '300.774 M', '0']);
  expect(table([['', 'kNN'], ['byol', '9.5'], ['simsiam', '76.5']])).toBe('          kNN\nbyol      9.5\nsimsiam  76.5');
});

test('a NumPy file has a padded header and little-endian values', () => {
  const bytes = encodeNpy(Float32Array.from([1, -2, 0.5]), [1, 3]);
  const headerLength = bytes[8]! + 256 * bytes[9]!;
  expect((10 + headerLength) % 64).toBe(0);
  expect(Buffer.from(bytes.subarray(10, 10 + headerLength)).toString()).toMatch(
    /^\{'descr': '<f4', 'fortran_order': False, 'shape': \(1, 3\), \} +\n$/,
  );
  const view = new DataView(bytes.buffer, 10 + headerLength);
  expect([0, 4, 8].map((at) => view.getFloat32(at, true))).toEqual([1, -2, 0.5]);
});
