import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BackbonesError, decodeSafetensors, encodeSafetensors } from '@selfsup/backbones';
import type { Float32Values } from '@selfsup/backbones';

/** A file with this header, as it stands, and so many bytes of values. */
function file(header: string | Uint8Array, bytes = 0, declared?: bigint): Uint8Array {
  const text = typeof header === 'string' ? new TextEncoder().encode(header) : header;
  const whole = new Uint8Array(8 + text.length + bytes);
  new DataView(whole.buffer).setBigUint64(0, declared ?? BigInt(text.length), true);
  whole.set(text, 8);
  return whole;
}

const entry = (name: string, begin: number, end: number, shape = [(end - begin) / 4]): string =>
  `"${name}":{"dtype":"F32","shape":${JSON.stringify(shape)},"data_offsets":[${begin},${end}]}`;

describe('a safetensors file', () => {
  it('comes back as it was written, whatever the names, shapes and values', () => {
    const name = fc.oneof(fc.string({ unit: 'grapheme' }), fc.constantFrom('__proto__', '0', 'a.b', '"', '\\')).filter((text) => text !== '__metadata__');
    const values = fc.array(fc.nat(3), { maxLength: 4 }).chain((shape) => {
      const size = shape.reduce((product, n) => product * n, 1);
      return fc.record({ shape: fc.constant(shape), data: fc.float32Array({ minLength: size, maxLength: size }) });
    });
    const tensors = fc.array(fc.tuple(name, values), { maxLength: 5 }).map((entries) => new Map(entries));
    fc.assert(
      fc.property(tensors, fc.dictionary(fc.string(), fc.string()), (written: ReadonlyMap<string, Float32Values>, metadata) => {
        const read = decodeSafetensors(encodeSafetensors(written, metadata));
        expect(Object.entries(read.metadata)).toEqual(Object.entries(metadata));
        expect([...read.tensors.keys()].toSorted()).toEqual([...written.keys()].toSorted());
        for (const [key, { shape, data }] of written) {
          expect(read.tensors.get(key)!.shape).toEqual(shape);
          expect(read.tensors.get(key)!.toFloat32()).toEqual(Float32Array.from(data));
        }
      }),
    );
  });

  it('may be laid out as the reference implementation writes it: metadata first, wide types first, spaces last', () => {
    const header =
      '{"__metadata__":{"format":"pt"},"w":{"dtype":"F32","shape":[1,2],"data_offsets":[0,8]},"h":{"dtype":"F16","shape":[1],"data_offsets":[8,10]}}   ';
    const bytes = file(header, 10);
    new DataView(bytes.buffer).setFloat32(bytes.length - 10, 1, true);
    new DataView(bytes.buffer).setFloat32(bytes.length - 6, -2, true);
    new DataView(bytes.buffer).setUint16(bytes.length - 2, 0x3e00, true);
    const { tensors, metadata } = decodeSafetensors(bytes);
    expect(metadata).toEqual({ format: 'pt' });
    expect(tensors.get('w')!.toFloat32()).toEqual(Float32Array.of(1, -2));
    expect(tensors.get('h')!.toFloat32()).toEqual(Float32Array.of(1.5));
  });

  it('is read from within a larger buffer', () => {
    const bytes = encodeSafetensors(new Map([['w', { shape: [2], data: Float32Array.of(3, 4) }]]));
    const larger = new Uint8Array(bytes.length + 7);
    larger.set(bytes, 3);
    expect(decodeSafetensors(larger.subarray(3, 3 + bytes.length)).tensors.get('w')!.toFloat32()).toEqual(Float32Array.of(3, 4));
  });

  it('has half-precision values of both kinds, exactly', () => {
    const halves = [0x0000, 0x8000, 0x0001, 0x03ff, 0x0400, 0x3c00, 0xc000, 0x3555, 0x7bff, 0x7c00, 0xfc00, 0x7e00];
    const expected = [0, -0, 2 ** -24, 1023 * 2 ** -24, 2 ** -14, 1, -2, 0.333251953125, 65504, Infinity, -Infinity, NaN];
    const bytes = file(`{"h":{"dtype":"F16","shape":[12],"data_offsets":[0,24]},"b":{"dtype":"BF16","shape":[3],"data_offsets":[24,30]}}`, 30);
    const view = new DataView(bytes.buffer, bytes.length - 30);
    halves.forEach((half, i) => view.setUint16(2 * i, half, true));
    [0x3f80, 0xc049, 0x7f80].forEach((half, i) => view.setUint16(24 + 2 * i, half, true));
    const { tensors } = decodeSafetensors(bytes);
    expect([...tensors.get('h')!.toFloat32()]).toEqual(expected);
    expect([...tensors.get('b')!.toFloat32()]).toEqual([1, -3.140625, Infinity]);
  });

  it('may hold other types, which are refused when they are read', () => {
    const { tensors } = decodeSafetensors(file('{"n":{"dtype":"I64","shape":[],"data_offsets":[0,8]}}', 8));
    expect(tensors.get('n')).toMatchObject({ dtype: 'I64', shape: [] });
    expect(() => tensors.get('n')!.toFloat32()).toThrow(expect.objectContaining({ code: 'unsupported-dtype' }) as Error);
  });
});

const hostile: readonly [string, Uint8Array, RegExp][] = [
  ['no bytes', new Uint8Array(0), /0 bytes, fewer than the 8/],
  ['a header of 2^63 bytes', file('{}', 0, 2n ** 63n), /declares a header of 9223372036854775808 bytes, and 100000000 is the limit/],
  ['a header of one byte too many', file('{}', 0, 100_000_001n), /declares a header of 100000001 bytes, and 100000000 is the limit/],
  ['the longest header, in a file that is shorter', file('{}', 0, 100_000_000n), /declares a header of 100000000 bytes but has only 2/],
  ['a header that is longer than the file', file('{}', 0, 3n), /declares a header of 3 bytes but has only 2/],
  ['an empty header', file(''), /not JSON/],
  ['a header that is no JSON', file('{"a":}'), /not JSON/],
  ['a header that is no object', file('[1]'), /not a JSON object/],
  ['a header that starts elsewhere', file(' {}'), /not a JSON object/],
  ['a header that is not UTF-8', file(Uint8Array.of(0x7b, 0xff, 0x7d)), /not JSON/],
  ['a header nested a million deep', file('{"a":' + '['.repeat(1e6) + ']'.repeat(1e6) + '}'), /not JSON|has the type/],
  ['metadata that is no text', file('{"__metadata__":{"a":1}}'), /other than strings/],
  ['a name twice', file(`{${entry('a', 0, 4)},${entry('a', 4, 8)}}`, 8), /the name "a" twice/],
  ['a name twice, once in disguise', file(`{${entry('a', 0, 4)},${entry('\\u0061', 4, 8)}}`, 8), /the name "a" twice/],
  ['a field twice', file('{"a":{"dtype":"F32","shape":[1],"shape":[2],"data_offsets":[0,4]}}', 4), /the name "shape" twice/],
  ['a tensor that is no object', file('{"a":7}'), /"a" has the type undefined/],
  ['a type that is not known', file('{"a":{"dtype":"F31","shape":[1],"data_offsets":[0,4]}}', 4), /the type "F31"/],
  ['a type of the prototype', file('{"a":{"dtype":"constructor","shape":[1],"data_offsets":[0,4]}}', 4), /the type "constructor"/],
  ['a negative size', file('{"a":{"dtype":"F32","shape":[-1,-1],"data_offsets":[0,4]}}', 4), /the shape \[-1,-1\]/],
  ['half a value', file('{"a":{"dtype":"F32","shape":[1.5],"data_offsets":[0,6]}}', 6), /the shape \[1.5\]/],
  ['a size beyond all memory', file('{"a":{"dtype":"F32","shape":[4503599627370496,4503599627370496],"data_offsets":[0,4]}}', 4), /needs .* bytes/],
  ['offsets that do not fit the shape', file('{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,4]}}', 4), /needs 8 bytes .* span 4/],
  ['offsets the wrong way round', file('{"a":{"dtype":"F32","shape":[1],"data_offsets":[4,0]}}', 4), /needs 4 bytes .* span -4/],
  ['one offset', file('{"a":{"dtype":"F32","shape":[1],"data_offsets":[0]}}', 4), /the offsets \[0\]/],
  ['offsets beyond the end', file(`{${entry('a', 0, 4)},${entry('b', 4, 1004)}}`, 8), /"b" ends at byte 1004 of 8/],
  ['an overlap', file(`{${entry('a', 0, 8)},${entry('b', 4, 12)}}`, 12), /"b" overlaps/],
  ['two tensors in one place', file(`{${entry('a', 0, 4)},${entry('b', 0, 4)}}`, 4), /overlaps/],
  ['a gap', file(`{${entry('a', 0, 4)},${entry('b', 8, 12)}}`, 12), /4 unused bytes before the tensor "b"/],
  ['a file cut short', file(`{${entry('a', 0, 4000)}}`, 3999), /ends at byte 4000 of 3999: the file is cut short/],
  ['bytes that belong to nothing', file(`{${entry('a', 0, 4)}}`, 5), /1 bytes after the last tensor/],
];

describe('a file that is damaged or means harm is refused', () => {
  it.each(hostile)('%s', (_, bytes, problem) => {
    expect(() => decodeSafetensors(bytes)).toThrow(problem);
    expect(() => decodeSafetensors(bytes)).toThrow(BackbonesError);
  });

  it('any file with bytes changed is read or refused, and nothing else', () => {
    const whole = encodeSafetensors(new Map([['a.weight', { shape: [2, 2], data: Float32Array.of(1, 2, 3, 4) }], ['b', { shape: [], data: Float32Array.of(5) }]]));
    const change = fc.tuple(fc.nat(whole.length - 1), fc.nat(255));
    fc.assert(
      fc.property(fc.array(change, { minLength: 1, maxLength: 4 }), fc.nat(whole.length), (changes, length) => {
        const bytes = whole.slice(0, length);
        for (const [at, value] of changes) if (at < length) bytes[at] = value;
        try {
          for (const tensor of decodeSafetensors(bytes).tensors.values()) tensor.toFloat32();
        } catch (error) {
          expect(error).toBeInstanceOf(BackbonesError);
        }
      }),
      { numRuns: 2000 },
    );
  });
});
