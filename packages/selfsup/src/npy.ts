/**
 * A float32 array in NumPy's file format, version 1.0.
 * @see https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html
 */
export function encodeNpy(data: Float32Array, shape: readonly number[]): Uint8Array {
  const sizes = shape.length === 1 ? `${shape[0]},` : shape.join(', ');
  const header = `{'descr': '<f4', 'fortran_order': False, 'shape': (${sizes}), }`;
  const prefix = 10;
  const padded = Math.ceil((prefix + header.length + 1) / 64) * 64;
  const bytes = new Uint8Array(padded + 4 * data.length);
  bytes.set([0x93, ...Buffer.from('NUMPY'), 1, 0]);
  const view = new DataView(bytes.buffer);
  view.setUint16(8, padded - prefix, true);
  bytes.set(Buffer.from(header.padEnd(padded - prefix - 1) + '\n', 'latin1'), prefix);
  for (let i = 0; i < data.length; i++) view.setFloat32(padded + 4 * i, data[i]!, true);
  return bytes;
}
