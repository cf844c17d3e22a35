import { microRows5x16, microRows6x16 } from './gemm-micro-6x16';
import { madd, put2, stepBegins } from './simd';
import { MR, PANELS } from './variant';

// The register blocks of gemm-micro.ts for A and C in plain rows; B is packed in panels.

// @ts-ignore: decorator
@inline
function microRows4(depth: i32, a: usize, rowBytes: usize, b: usize, c: usize, cRowBytes: usize): void {
  let c00 = f32x4.splat(0), c01 = f32x4.splat(0);
  let c10 = f32x4.splat(0), c11 = f32x4.splat(0);
  let c20 = f32x4.splat(0), c21 = f32x4.splat(0);
  let c30 = f32x4.splat(0), c31 = f32x4.splat(0);
  let a1 = a + rowBytes, a2 = a1 + rowBytes, a3 = a2 + rowBytes;
  const end = b + ((<usize>depth) << 5);
  do {
    stepBegins(end);
    const b0 = v128.load(b), b1 = v128.load(b, 16);
    let x = v128.load32_splat(a);
    c00 = madd(x, b0, c00);
    c01 = madd(x, b1, c01);
    x = v128.load32_splat(a1);
    c10 = madd(x, b0, c10);
    c11 = madd(x, b1, c11);
    x = v128.load32_splat(a2);
    c20 = madd(x, b0, c20);
    c21 = madd(x, b1, c21);
    x = v128.load32_splat(a3);
    c30 = madd(x, b0, c30);
    c31 = madd(x, b1, c31);
    a += 4;
    a1 += 4;
    a2 += 4;
    a3 += 4;
    b += 32;
  } while (b < end);
  v128.store(c, c00);
  v128.store(c, c01, 16);
  c += cRowBytes;
  v128.store(c, c10);
  v128.store(c, c11, 16);
  c += cRowBytes;
  v128.store(c, c20);
  v128.store(c, c21, 16);
  c += cRowBytes;
  v128.store(c, c30);
  v128.store(c, c31, 16);
}

// @ts-ignore: decorator
@inline
function microRows6(depth: i32, a: usize, rowBytes: usize, b: usize, c: usize, cRowBytes: usize): void {
  let c00 = f32x4.splat(0), c01 = f32x4.splat(0);
  let c10 = f32x4.splat(0), c11 = f32x4.splat(0);
  let c20 = f32x4.splat(0), c21 = f32x4.splat(0);
  let c30 = f32x4.splat(0), c31 = f32x4.splat(0);
  let c40 = f32x4.splat(0), c41 = f32x4.splat(0);
  let c50 = f32x4.splat(0), c51 = f32x4.splat(0);
  let a1 = a + rowBytes, a2 = a1 + rowBytes, a3 = a2 + rowBytes, a4 = a3 + rowBytes, a5 = a4 + rowBytes;
  const end = b + ((<usize>depth) << 5);
  do {
    stepBegins(end);
    const b0 = v128.load(b), b1 = v128.load(b, 16);
    let x = v128.load32_splat(a);
    c00 = madd(x, b0, c00);
    c01 = madd(x, b1, c01);
    x = v128.load32_splat(a1);
    c10 = madd(x, b0, c10);
    c11 = madd(x, b1, c11);
    x = v128.load32_splat(a2);
    c20 = madd(x, b0, c20);
    c21 = madd(x, b1, c21);
    x = v128.load32_splat(a3);
    c30 = madd(x, b0, c30);
    c31 = madd(x, b1, c31);
    x = v128.load32_splat(a4);
    c40 = madd(x, b0, c40);
    c41 = madd(x, b1, c41);
    x = v128.load32_splat(a5);
    c50 = madd(x, b0, c50);
    c51 = madd(x, b1, c51);
    a += 4;
    a1 += 4;
    a2 += 4;
    a3 += 4;
    a4 += 4;
    a5 += 4;
    b += 32;
  } while (b < end);
  v128.store(c, c00);
  v128.store(c, c01, 16);
  c += cRowBytes;
  v128.store(c, c10);
  v128.store(c, c11, 16);
  c += cRowBytes;
  v128.store(c, c20);
  v128.store(c, c21, 16);
  c += cRowBytes;
  v128.store(c, c30);
  v128.store(c, c31, 16);
  c += cRowBytes;
  v128.store(c, c40);
  v128.store(c, c41, 16);
  c += cRowBytes;
  v128.store(c, c50);
  v128.store(c, c51, 16);
}

// @ts-ignore: decorator
@inline
function microRows5(depth: i32, a: usize, rowBytes: usize, b: usize, c: usize, cRowBytes: usize): void {
  let c00 = f32x4.splat(0), c01 = f32x4.splat(0);
  let c10 = f32x4.splat(0), c11 = f32x4.splat(0);
  let c20 = f32x4.splat(0), c21 = f32x4.splat(0);
  let c30 = f32x4.splat(0), c31 = f32x4.splat(0);
  let c40 = f32x4.splat(0), c41 = f32x4.splat(0);
  let a1 = a + rowBytes, a2 = a1 + rowBytes, a3 = a2 + rowBytes, a4 = a3 + rowBytes;
  const end = b + ((<usize>depth) << 5);
  do {
    stepBegins(end);
    const b0 = v128.load(b), b1 = v128.load(b, 16);
    let x = v128.load32_splat(a);
    c00 = madd(x, b0, c00);
    c01 = madd(x, b1, c01);
    x = v128.load32_splat(a1);
    c10 = madd(x, b0, c10);
    c11 = madd(x, b1, c11);
    x = v128.load32_splat(a2);
    c20 = madd(x, b0, c20);
    c21 = madd(x, b1, c21);
    x = v128.load32_splat(a3);
    c30 = madd(x, b0, c30);
    c31 = madd(x, b1, c31);
    x = v128.load32_splat(a4);
    c40 = madd(x, b0, c40);
    c41 = madd(x, b1, c41);
    a += 4;
    a1 += 4;
    a2 += 4;
    a3 += 4;
    a4 += 4;
    b += 32;
  } while (b < end);
  v128.store(c, c00);
  v128.store(c, c01, 16);
  c += cRowBytes;
  v128.store(c, c10);
  v128.store(c, c11, 16);
  c += cRowBytes;
  v128.store(c, c20);
  v128.store(c, c21, 16);
  c += cRowBytes;
  v128.store(c, c30);
  v128.store(c, c31, 16);
  c += cRowBytes;
  v128.store(c, c40);
  v128.store(c, c41, 16);
}

/** `count` rows in blocks of `height`, which is MR or 5. */
// @ts-ignore: decorator
@inline
function multiplyRows(
  height: i32, depth: i32, count: i32, panels: i32, a: usize, aRowBytes: usize, b: usize, bBytes: usize, c: usize, cRowBytes: usize,
): void {
  let j = 0;
  if (PANELS == 2) {
    for (; j + 2 <= panels; j += 2) {
      let from = a, to = c;
      for (let i = 0; i < count; i += height) {
        if (height == 5) microRows5x16(depth, from, aRowBytes, b, bBytes, to, cRowBytes);
        else microRows6x16(depth, from, aRowBytes, b, bBytes, to, cRowBytes);
        from += (<usize>height) * aRowBytes;
        to += (<usize>height) * cRowBytes;
      }
      b += 2 * bBytes;
      c += 64;
    }
  }
  for (; j < panels; j++) {
    let from = a, to = c;
    for (let i = 0; i < count; i += height) {
      if (height == 6) microRows6(depth, from, aRowBytes, b, to, cRowBytes);
      else if (height == 5) microRows5(depth, from, aRowBytes, b, to, cRowBytes);
      else microRows4(depth, from, aRowBytes, b, to, cRowBytes);
      from += (<usize>height) * aRowBytes;
      to += (<usize>height) * cRowBytes;
    }
    b += bBytes;
    c += 32;
  }
}

// Each a function of its own, which only stores: V8 would keep the sums of one that can do more in memory (see gemm-micro.ts).

function wholeRows(depth: i32, count: i32, panels: i32, a: usize, aRowBytes: usize, b: usize, bBytes: usize, c: usize, cRowBytes: usize): void {
  multiplyRows(MR, depth, count, panels, a, aRowBytes, b, bBytes, c, cRowBytes);
}

function rowsByFives(depth: i32, count: i32, panels: i32, a: usize, aRowBytes: usize, b: usize, bBytes: usize, c: usize, cRowBytes: usize): void {
  multiplyRows(5, depth, count, panels, a, aRowBytes, b, bBytes, c, cRowBytes);
}

// With more rows, passing by B a second time costs what no row too many saves. With vectors of eight few rows gain nothing, either.
const fewRows: i32 = PANELS == 2 ? 40 : 64;

/** How many of `count` rows go in blocks of 5, so that blocks of 6 take the others with none too many; 0 where they cannot, or had better not. */
function rowsInFives(count: i32): i32 {
  const rows = MR == 6 && count <= fewRows ? (MR - count % MR) % MR * 5 : 0;
  return rows <= count ? rows : 0;
}

/**
 * C [count, 8·panels] = A [count, depth] · packed B, with A and C in rows `aRowBytes` and `cRowBytes` apart. Up to MR−1 rows too
 * many may be read and written.
 */
export function macroRows(
  depth: i32, count: i32, panels: i32, a: usize, aRowBytes: usize, b: usize, bBytes: usize, c: usize, cRowBytes: usize,
): void {
  const fives = rowsInFives(count), whole = count - fives;
  wholeRows(depth, whole, panels, a, aRowBytes, b, bBytes, c, cRowBytes);
  if (fives > 0) rowsByFives(depth, fives, panels, a + <usize>whole * aRowBytes, aRowBytes, b, bBytes, c + <usize>whole * cRowBytes, cRowBytes);
}

/** C += sums, which are laid out like it. */
function addUp(count: i32, rowBytes: usize, c: usize, cRowBytes: usize, sums: usize): void {
  for (let i = 0; i < count; i++) {
    for (let j: usize = 0; j < rowBytes; j += 32) {
      const x0 = f32x4.add(v128.load(c + j), v128.load(sums + j)), x1 = f32x4.add(v128.load(c + j, 16), v128.load(sums + j, 16));
      put2(c + j, x0, x1);
    }
    c += cRowBytes;
    sums += cRowBytes;
  }
}

/**
 * As `macroRows`, or added to C, in sums of at most `span` products, which are added up: that errs less than one long sum. `sums` is scratch, as
 * large as C.
 */
export function macroSpans(
  span: i32, add: bool, depth: i32, count: i32, panels: i32, a: usize, aRowBytes: usize, b: usize, bBytes: usize, c: usize, cRowBytes: usize, sums: usize,
): void {
  // Panel by panel, so that B is read from its beginning to its end.
  const together = span < depth ? PANELS : panels;
  for (let j = 0; j < panels; j += together) {
    const some = min(together, panels - j);
    for (let d = 0; d < depth; d += span) {
      const more = add || d > 0, to = more ? sums : c;
      macroRows(min(span, depth - d), count, some, a + (<usize>d << 2), aRowBytes, b + (<usize>d << 5), bBytes, to, cRowBytes);
      if (more) addUp(count, <usize>some << 5, c, cRowBytes, sums);
    }
    b += <usize>some * bBytes;
    c += <usize>some << 5;
  }
}
