import { int, partStart, ptr } from './args';
import { rowOffset } from './broadcast';
import { highLanes, highPairs, lowLanes, lowPairs } from './simd';

/**
 * Copies 4-byte elements from one strided shape to another: slices, pads, concatenations, tiles, broadcasts, reversals
 * and general transpositions are all this.
 * args: x, out, elements, inner size, inner stride of x, of out, outer rank, then size and strides of each outer dimension.
 */
export function copyStrided(args: usize, part: i32, parts: i32): void {
  const x = ptr(args, 0), out = ptr(args, 1), total = int(args, 2), inner = int(args, 3);
  const strideX = int(args, 4), strideOut = int(args, 5), rank = int(args, 6);
  const end = partStart(total, part + 1, parts);
  let at = partStart(total, part, parts);
  while (at < end) {
    const row = at / inner, column = at - row * inner, n = min(inner - column, end - at);
    let from = x + rowOffset(args, 7, rank, 3, 1, row) + ((<usize>(column * strideX)) << 2);
    let to = out + rowOffset(args, 7, rank, 3, 2, row) + ((<usize>(column * strideOut)) << 2);
    at += n;
    if (strideX == 1 && strideOut == 1) {
      const last = to + ((<usize>n) << 2);
      if (n >= 64) {
        memory.copy(to, from, (<usize>n) << 2);
        continue;
      }
      while (to + 16 <= last) {
        v128.store(to, v128.load(from));
        from += 16;
        to += 16;
      }
      while (to < last) {
        store<u32>(to, load<u32>(from));
        from += 4;
        to += 4;
      }
      continue;
    }
    const stepFrom = (<usize>strideX) << 2, stepTo = (<usize>strideOut) << 2;
    for (let i = 0; i < n; i++) {
      store<u32>(to, load<u32>(from));
      from += stepFrom;
      to += stepTo;
    }
  }
}

/** out [batch, columns, rows] = x [batch, rows, columns]. args: x, out, batch, rows, columns. */
export function transposeMatrix(args: usize, part: i32, parts: i32): void {
  const batch = int(args, 2), rows = int(args, 3), columns = int(args, 4);
  const tile = 32, tiles = (rows + tile - 1) / tile;
  const rowBytes = (<usize>columns) << 2, outBytes = (<usize>rows) << 2;
  const end = partStart(batch * tiles, part + 1, parts);
  for (let item = partStart(batch * tiles, part, parts); item < end; item++) {
    const matrix = (<usize>(item / tiles)) * (<usize>rows) * rowBytes;
    const x = ptr(args, 0) + matrix, out = ptr(args, 1) + matrix;
    const top = (item % tiles) * tile, bottom = min(rows, top + tile);
    for (let left = 0; left < columns; left += tile) {
      const right = min(columns, left + tile);
      let i = top;
      for (; i + 4 <= bottom; i += 4) {
        let from = x + (<usize>i) * rowBytes + ((<usize>left) << 2);
        let to = out + (<usize>left) * outBytes + ((<usize>i) << 2);
        let j = left;
        for (; j + 4 <= right; j += 4) {
          const r0 = v128.load(from), r1 = v128.load(from + rowBytes);
          const r2 = v128.load(from + 2 * rowBytes), r3 = v128.load(from + 3 * rowBytes);
          const a = lowLanes(r0, r1), b = highLanes(r0, r1), c = lowLanes(r2, r3), d = highLanes(r2, r3);
          v128.store(to, lowPairs(a, c));
          v128.store(to + outBytes, highPairs(a, c));
          v128.store(to + 2 * outBytes, lowPairs(b, d));
          v128.store(to + 3 * outBytes, highPairs(b, d));
          from += 16;
          to += 4 * outBytes;
        }
        for (; j < right; j++) {
          for (let r: usize = 0; r < 4; r++) store<u32>(to + (r << 2), load<u32>(from + r * rowBytes));
          from += 4;
          to += outBytes;
        }
      }
      for (; i < bottom; i++) {
        let from = x + (<usize>i) * rowBytes + ((<usize>left) << 2);
        let to = out + (<usize>left) * outBytes + ((<usize>i) << 2);
        for (let j = left; j < right; j++) {
          store<u32>(to, load<u32>(from));
          from += 4;
          to += outBytes;
        }
      }
    }
  }
}
