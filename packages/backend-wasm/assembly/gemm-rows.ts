import { microRows6x16 } from './gemm-micro-6x16';
import { madd } from './simd';
import { MR, PANELS } from './variant';

// The register blocks of gemm-micro.ts for A and C in plain rows; B is packed in panels.

// @ts-ignore: decorator
@inline
function put(at: usize, low: v128, high: v128, accumulate: bool): void {
  if (accumulate) {
    const x = v128.load(at), y = v128.load(at, 16);
    v128.store(at, f32x4.add(x, low));
    v128.store(at, f32x4.add(y, high), 16);
  } else {
    v128.store(at, low);
    v128.store(at, high, 16);
  }
}

function microRows4(depth: i32, a: usize, rowBytes: usize, b: usize, c: usize, cRowBytes: usize, accumulate: bool): void {
  let c00 = f32x4.splat(0), c01 = c00, c10 = c00, c11 = c00, c20 = c00, c21 = c00, c30 = c00, c31 = c00;
  let a1 = a + rowBytes, a2 = a1 + rowBytes, a3 = a2 + rowBytes;
  const end = b + ((<usize>depth) << 5);
  do {
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
  put(c, c00, c01, accumulate);
  c += cRowBytes;
  put(c, c10, c11, accumulate);
  c += cRowBytes;
  put(c, c20, c21, accumulate);
  c += cRowBytes;
  put(c, c30, c31, accumulate);
}

function microRows6(depth: i32, a: usize, rowBytes: usize, b: usize, c: usize, cRowBytes: usize, accumulate: bool): void {
  let c00 = f32x4.splat(0), c01 = c00, c10 = c00, c11 = c00, c20 = c00, c21 = c00, c30 = c00, c31 = c00;
  let c40 = c00, c41 = c00, c50 = c00, c51 = c00;
  let a1 = a + rowBytes, a2 = a1 + rowBytes, a3 = a2 + rowBytes, a4 = a3 + rowBytes, a5 = a4 + rowBytes;
  const end = b + ((<usize>depth) << 5);
  do {
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
  put(c, c00, c01, accumulate);
  c += cRowBytes;
  put(c, c10, c11, accumulate);
  c += cRowBytes;
  put(c, c20, c21, accumulate);
  c += cRowBytes;
  put(c, c30, c31, accumulate);
  c += cRowBytes;
  put(c, c40, c41, accumulate);
  c += cRowBytes;
  put(c, c50, c51, accumulate);
}

/**
 * C [count, 8·panels] = or += A [count, depth] · packed B, with A and C in rows `aRowBytes` and `cRowBytes` apart and `count` a
 * multiple of MR.
 */
export function macroRows(
  depth: i32, count: i32, panels: i32, a: usize, aRowBytes: usize, b: usize, bBytes: usize, c: usize, cRowBytes: usize,
  accumulate: bool,
): void {
  let j = 0;
  if (PANELS == 2) {
    for (; j + 2 <= panels; j += 2) {
      let from = a, to = c;
      for (let i = 0; i < count; i += MR) {
        microRows6x16(depth, from, aRowBytes, b, bBytes, to, cRowBytes, accumulate);
        from += (<usize>MR) * aRowBytes;
        to += (<usize>MR) * cRowBytes;
      }
      b += 2 * bBytes;
      c += 64;
    }
  }
  for (; j < panels; j++) {
    let from = a, to = c;
    for (let i = 0; i < count; i += MR) {
      if (MR == 6) microRows6(depth, from, aRowBytes, b, to, cRowBytes, accumulate);
      else microRows4(depth, from, aRowBytes, b, to, cRowBytes, accumulate);
      from += (<usize>MR) * aRowBytes;
      to += (<usize>MR) * cRowBytes;
    }
    b += bBytes;
    c += 32;
  }
}
