/** What to write of an entry; a plain ustar file unless said otherwise. */
export interface WrittenEntry {
  readonly path: string;
  readonly data?: Uint8Array | string;
  readonly type?: string;
  /** A size that the header claims in place of the real one. */
  readonly claims?: number | string;
  readonly prefix?: string;
  readonly magic?: string;
  readonly breakChecksum?: boolean;
}

const bytesOf = (data: Uint8Array | string): Uint8Array => (typeof data === 'string' ? new TextEncoder().encode(data) : data);

function entry({ path, data = '', type = '0', claims, prefix = '', magic = 'ustar\u000000', breakChecksum = false }: WrittenEntry): Uint8Array {
  const content = bytesOf(data);
  const block = new Uint8Array(512 * (1 + Math.ceil(content.length / 512)));
  const put = (at: number, text: string): void => block.set(bytesOf(text), at);
  put(0, path);
  put(100, '0000644\0');
  put(124, typeof claims === 'string' ? claims : `${(claims ?? content.length).toString(8).padStart(11, '0')}\0`);
  put(136, '00000000000\0');
  put(148, '        ');
  put(156, type);
  put(257, magic);
  put(345, prefix);
  const sum = block.subarray(0, 512).reduce((total, byte) => total + byte, 0);
  put(148, `${(sum + (breakChecksum ? 1 : 0)).toString(8).padStart(6, '0')}\0 `);
  block.set(content, 512);
  return block;
}

/** A tar archive of these entries. */
export function makeTar(entries: readonly WrittenEntry[], end: boolean = true): Uint8Array {
  const blocks = entries.map(entry);
  if (end) blocks.push(new Uint8Array(1024));
  const all = new Uint8Array(blocks.reduce((sum, block) => sum + block.length, 0));
  let at = 0;
  for (const block of blocks) {
    all.set(block, at);
    at += block.length;
  }
  return all;
}

/** A pax extended header with these attributes. */
export function pax(attributes: Readonly<Record<string, string>>): WrittenEntry {
  const data = Object.entries(attributes).map(([key, value]) => {
    const rest = bytesOf(` ${key}=${value}\n`).length;
    let length = rest + 1;
    while (String(length).length + rest !== length) length++;
    return `${length} ${key}=${value}\n`;
  });
  return { path: 'PaxHeader', type: 'x', data: data.join('') };
}
