import { BackbonesError } from '../error.ts';
import { repeatedKey } from './repeated-key.ts';

/** Bytes per value of each element type that the format has. */
const widths = {
  F64: 8, F32: 4, F16: 2, BF16: 2, F8_E5M2: 1, F8_E4M3: 1,
  I64: 8, I32: 4, I16: 2, I8: 1, U64: 8, U32: 4, U16: 2, U8: 1, BOOL: 1,
} as const;

/** An element type of a safetensors file. */
export type SafetensorsDtype = keyof typeof widths;

/** Where one tensor lies, in bytes from the end of the header. */
export interface TensorEntry {
  readonly dtype: SafetensorsDtype;
  readonly shape: readonly number[];
  readonly begin: number;
  readonly end: number;
}

/** The checked header of a file. */
export interface SafetensorsHeader {
  readonly metadata: Readonly<Record<string, string>>;
  readonly entries: ReadonlyMap<string, TensorEntry>;
  /** Where the tensors' bytes start in the file. */
  readonly dataStart: number;
}

/** The limit of the reference implementation. */
const headerLimit = 100_000_000;

function invalidFile(problem: string): BackbonesError {
  return new BackbonesError('invalid-safetensors', `This is no usable safetensors file: ${problem}; export or download it again.`);
}

/**
 * Reads and checks a header: the little-endian length, then the JSON. As the reference does, it insists that the tensors lie
 * one after the other and fill the file.
 *
 * @throws BackbonesError `invalid-safetensors`
 */
export function readHeader(bytes: Uint8Array): SafetensorsHeader {
  if (bytes.length < 8) throw invalidFile(`it has ${bytes.length} bytes, fewer than the 8 that hold the length of its header`);
  const declared = new DataView(bytes.buffer, bytes.byteOffset, 8).getBigUint64(0, true);
  if (declared > BigInt(headerLimit)) throw invalidFile(`it declares a header of ${declared} bytes, and ${headerLimit} is the limit`);
  const dataStart = 8 + Number(declared);
  if (dataStart > bytes.length) throw invalidFile(`it declares a header of ${declared} bytes but has only ${bytes.length - 8} after the length`);
  const { __metadata__: metadata = {}, ...tensors } = parse(bytes.subarray(8, dataStart));
  if (!isRecord(metadata) || !Object.values(metadata).every((value) => typeof value === 'string')) {
    throw invalidFile('__metadata__ holds something other than strings');
  }
  const entries = new Map<string, TensorEntry>();
  for (const [name, value] of Object.entries(tensors)) entries.set(name, entryOf(name, value));
  checkLayout(entries, bytes.length - dataStart);
  return { metadata: metadata as Record<string, string>, entries, dataStart };
}

function parse(bytes: Uint8Array): Record<string, unknown> {
  let header: unknown;
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
    header = JSON.parse(text);
  } catch {
    throw invalidFile('its header is not JSON');
  }
  if (!text.startsWith('{') || !isRecord(header)) throw invalidFile('its header is not a JSON object');
  const repeated = repeatedKey(text);
  if (repeated !== undefined) throw invalidFile(`its header has the name ${JSON.stringify(repeated)} twice`);
  return header;
}

function entryOf(name: string, value: unknown): TensorEntry {
  const { dtype, shape, data_offsets: offsets } = isRecord(value) ? value : {};
  const problem = (text: string): BackbonesError => invalidFile(`the tensor ${JSON.stringify(name)} ${text}`);
  if (typeof dtype !== 'string' || !Object.hasOwn(widths, dtype)) throw problem(`has the type ${JSON.stringify(dtype)}, which is not known`);
  if (!isCounts(shape)) throw problem(`has the shape ${JSON.stringify(shape)}`);
  if (!isCounts(offsets) || offsets.length !== 2) throw problem(`has the offsets ${JSON.stringify(offsets)}`);
  const [begin, end] = offsets as [number, number];
  const needed = shape.reduce((product, size) => product * size, 1) * widths[dtype as SafetensorsDtype];
  // Sizes that no double holds exactly are larger than any file; NaN stands for 0 · Infinity.
  if (!Number.isSafeInteger(needed) || end - begin !== needed) {
    throw problem(`needs ${needed} bytes for ${dtype} [${shape.join(', ')}], but its offsets span ${end - begin}`);
  }
  return { dtype: dtype as SafetensorsDtype, shape, begin, end };
}

/** No overlap, no gap, nothing beyond the end. */
function checkLayout(entries: ReadonlyMap<string, TensorEntry>, available: number): void {
  const inOrder = [...entries].toSorted(([, a], [, b]) => a.begin - b.begin || a.end - b.end);
  let at = 0;
  for (const [name, { begin, end }] of inOrder) {
    if (begin < at) throw invalidFile(`the tensor ${JSON.stringify(name)} overlaps the one before it`);
    if (begin > at) throw invalidFile(`there are ${begin - at} unused bytes before the tensor ${JSON.stringify(name)}`);
    if (end > available) throw invalidFile(`the tensor ${JSON.stringify(name)} ends at byte ${end} of ${available}: the file is cut short`);
    at = end;
  }
  if (at !== available) throw invalidFile(`${available - at} bytes after the last tensor belong to none`);
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isCounts(value: unknown): value is number[] {
  return Array.isArray(value) && value.every((count) => Number.isSafeInteger(count) && count >= 0);
}
