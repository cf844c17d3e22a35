/** PNG colour types by number of channels: grey, grey and alpha, RGB, RGBA. */
const colourTypes = [0, 4, 2, 6] as const;
const largestBlock = 65_535;

/**
 * 8-bit pixels as a PNG file. Stored without compression: it needs no asynchronous API, and small noisy images gain
 * little from it.
 * @param data `[height, width, channels]`, 1 to 4 channels
 * @see https://www.w3.org/TR/png-3/ and RFC 1950, RFC 1951
 */
export function encodePng(data: Uint8Array, width: number, height: number, channels: number): Uint8Array {
  const header = new Uint8Array(13);
  const view = new DataView(header.buffer);
  view.setUint32(0, width);
  view.setUint32(4, height);
  header.set([8, colourTypes[channels - 1]!, 0, 0, 0], 8);

  // Every line begins with its filter: none.
  const stride = width * channels;
  const lines = new Uint8Array(height * (stride + 1));
  for (let y = 0; y < height; y++) lines.set(data.subarray(y * stride, (y + 1) * stride), y * (stride + 1) + 1);
  const signature = Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a);
  return joined([signature, chunk('IHDR', header), chunk('IDAT', zlibStored(lines)), chunk('IEND', new Uint8Array(0))]);
}

/** A zlib stream of stored blocks. */
function zlibStored(data: Uint8Array): Uint8Array {
  const parts: Uint8Array[] = [Uint8Array.of(0x78, 0x01)];
  for (let start = 0; start < data.length; start += largestBlock) {
    const block = data.subarray(start, start + largestBlock);
    const last = start + largestBlock >= data.length ? 1 : 0;
    const { length } = block;
    parts.push(Uint8Array.of(last, length & 255, length >> 8, ~length & 255, (~length >> 8) & 255), block);
  }
  parts.push(bigEndian(adler32(data)));
  return joined(parts);
}

function chunk(type: string, content: Uint8Array): Uint8Array {
  const body = joined([new TextEncoder().encode(type), content]);
  return joined([bigEndian(content.length), body, bigEndian(crc32(body))]);
}

function crc32(data: Uint8Array): number {
  const table = Uint32Array.from({ length: 256 }, (_, byte) => {
    let value = byte;
    for (let bit = 0; bit < 8; bit++) value = value & 1 ? (value >>> 1) ^ 0xedb88320 : value >>> 1;
    return value;
  });
  let crc = 0xffffffff;
  for (const byte of data) crc = (crc >>> 8) ^ table[(crc ^ byte) & 255]!;
  return ~crc >>> 0;
}

function adler32(data: Uint8Array): number {
  let a = 1;
  let b = 0;
  for (const byte of data) {
    a = (a + byte) % 65_521;
    b = (b + a) % 65_521;
  }
  return b * 65_536 + a;
}

function bigEndian(value: number): Uint8Array {
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setUint32(0, value);
  return bytes;
}

function joined(parts: readonly Uint8Array[]): Uint8Array {
  const out = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let offset = 0;
  for (const part of parts) {
    out.set(part, offset);
    offset += part.length;
  }
  return out;
}
