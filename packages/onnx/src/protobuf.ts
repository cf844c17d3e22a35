/** Encoded fields, joined only once at the end: a file's weights are not copied for each message around them. */
export interface Encoded {
  readonly parts: readonly Uint8Array[];
  readonly size: number;
}

const utf8 = new TextEncoder();

/** Wire types of https://protobuf.dev/programming-guides/encoding. */
const wire = { varint: 0, bytes: 2, fixed32: 5 } as const;

/** The fields of a message, one after the other. */
export function message(...fields: readonly Encoded[]): Encoded {
  return { parts: fields.flatMap(({ parts }) => parts), size: fields.reduce((total, { size }) => total + size, 0) };
}

/** An int32, int64 or enum; negative ones take ten bytes. */
export function intField(field: number, value: number): Encoded {
  return encoded(Uint8Array.from([...varint(tag(field, wire.varint)), ...varint(BigInt(value))]));
}

export function floatField(field: number, value: number): Encoded {
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setFloat32(0, value, true);
  return message(encoded(Uint8Array.from(varint(tag(field, wire.fixed32)))), encoded(bytes));
}

export function bytesField(field: number, value: Uint8Array): Encoded {
  return messageField(field, encoded(value));
}

export function textField(field: number, value: string): Encoded {
  return bytesField(field, utf8.encode(value));
}

export function messageField(field: number, value: Encoded): Encoded {
  return message(encoded(Uint8Array.from([...varint(tag(field, wire.bytes)), ...varint(BigInt(value.size))])), value);
}

export function toBytes({ parts, size }: Encoded): Uint8Array {
  const bytes = new Uint8Array(size);
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}

const encoded = (bytes: Uint8Array): Encoded => ({ parts: [bytes], size: bytes.length });
const tag = (field: number, type: number): bigint => BigInt(field * 8 + type);

/** Seven bits a byte, the lowest first; the top bit says that more follow. */
function varint(value: bigint): number[] {
  const bytes: number[] = [];
  let rest = BigInt.asUintN(64, value);
  while (rest > 127n) {
    bytes.push(Number(rest & 127n) | 128);
    rest >>= 7n;
  }
  return [...bytes, Number(rest)];
}
