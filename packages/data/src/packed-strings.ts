/** Many strings in memory that threads share: a string of each thread's own would grow with the set, times the threads. */
export interface PackedStrings {
  /** UTF-8, one behind the other. */
  readonly bytes: Uint8Array;
  /** Where each ends. */
  readonly ends: Float64Array;
}

export function packStrings(strings: readonly string[]): PackedStrings {
  const encoder = new TextEncoder();
  const ends = new Float64Array(new SharedArrayBuffer(8 * strings.length));
  let total = 0;
  for (const [index, string] of strings.entries()) ends[index] = total += Buffer.byteLength(string);
  const bytes = new Uint8Array(new SharedArrayBuffer(total));
  for (const [index, string] of strings.entries()) bytes.set(encoder.encode(string), ends[index - 1] ?? 0);
  return { bytes, ends };
}

/** The string at `index`, 0 ≤ index < ends.length. */
export function stringAt({ bytes, ends }: PackedStrings, index: number): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8', ends[index - 1] ?? 0, ends[index]);
}
