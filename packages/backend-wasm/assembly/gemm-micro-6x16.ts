import { add4, madd, put4 } from './simd';

// The register block of 6 by 16 columns, from two panels of B, for an engine that joins neighbouring vectors of four numbers into
// one of eight (V8's revectorization): its 24 sums are then 12 vectors. It does so from pairs of stores to neighbouring
// addresses upwards, as long as no store stands between two loads that it would join.

/** As `micro`, for two times 8 numbers of B: from `panel` and from `second` on. */
export function micro6x16(
  blocks: i32, depth: i32, top: usize, aBytes: usize, last: usize, aStep: usize, panel: usize, second: usize, bStep: usize, rows: usize, column: usize,
  accumulate: i32,
): void {
  const end = panel + <usize>depth * bStep;
  for (; blocks > 0; blocks--) {
    let a = top, b = panel, next = second;
    let c00 = f32x4.splat(0), c01 = c00, c02 = c00, c03 = c00;
    let c10 = c00, c11 = c00, c12 = c00, c13 = c00;
    let c20 = c00, c21 = c00, c22 = c00, c23 = c00;
    let c30 = c00, c31 = c00, c32 = c00, c33 = c00;
    let c40 = c00, c41 = c00, c42 = c00, c43 = c00;
    let c50 = c00, c51 = c00, c52 = c00, c53 = c00;
    do {
      const b0 = v128.load(b), b1 = v128.load(b, 16), b2 = v128.load(next), b3 = v128.load(next, 16);
      let x = v128.load32_splat(a);
      c00 = madd(x, b0, c00);
      c01 = madd(x, b1, c01);
      c02 = madd(x, b2, c02);
      c03 = madd(x, b3, c03);
      x = v128.load32_splat(a, 4);
      c10 = madd(x, b0, c10);
      c11 = madd(x, b1, c11);
      c12 = madd(x, b2, c12);
      c13 = madd(x, b3, c13);
      x = v128.load32_splat(a, 8);
      c20 = madd(x, b0, c20);
      c21 = madd(x, b1, c21);
      c22 = madd(x, b2, c22);
      c23 = madd(x, b3, c23);
      x = v128.load32_splat(a, 12);
      c30 = madd(x, b0, c30);
      c31 = madd(x, b1, c31);
      c32 = madd(x, b2, c32);
      c33 = madd(x, b3, c33);
      x = v128.load32_splat(a, 16);
      c40 = madd(x, b0, c40);
      c41 = madd(x, b1, c41);
      c42 = madd(x, b2, c42);
      c43 = madd(x, b3, c43);
      x = v128.load32_splat(a, 20);
      c50 = madd(x, b0, c50);
      c51 = madd(x, b1, c51);
      c52 = madd(x, b2, c52);
      c53 = madd(x, b3, c53);
      a += aStep;
      b += bStep;
      next += bStep;
    } while (b < end);
    if (accumulate) {
      add4(<usize>load<u32>(rows) + column, c00, c01, c02, c03);
      add4(<usize>load<u32>(rows, 4) + column, c10, c11, c12, c13);
      add4(<usize>load<u32>(rows, 8) + column, c20, c21, c22, c23);
      add4(<usize>load<u32>(rows, 12) + column, c30, c31, c32, c33);
      add4(<usize>load<u32>(rows, 16) + column, c40, c41, c42, c43);
      add4(<usize>load<u32>(rows, 20) + column, c50, c51, c52, c53);
    } else {
      put4(<usize>load<u32>(rows) + column, c00, c01, c02, c03);
      put4(<usize>load<u32>(rows, 4) + column, c10, c11, c12, c13);
      put4(<usize>load<u32>(rows, 8) + column, c20, c21, c22, c23);
      put4(<usize>load<u32>(rows, 12) + column, c30, c31, c32, c33);
      put4(<usize>load<u32>(rows, 16) + column, c40, c41, c42, c43);
      put4(<usize>load<u32>(rows, 20) + column, c50, c51, c52, c53);
    }
    top = min(top + aBytes, last);
    rows += 24;
  }
}

/** As `microRows6` and `microRows5` in gemm-rows.ts, for two panels `bBytes` apart; `rows` is 6 or 5. */
// @ts-ignore: decorator
@inline
function microRows16(rows: i32, depth: i32, a: usize, rowBytes: usize, b: usize, bBytes: usize, c: usize, cRowBytes: usize): void {
  let c00 = f32x4.splat(0), c01 = f32x4.splat(0), c02 = f32x4.splat(0), c03 = f32x4.splat(0);
  let c10 = f32x4.splat(0), c11 = f32x4.splat(0), c12 = f32x4.splat(0), c13 = f32x4.splat(0);
  let c20 = f32x4.splat(0), c21 = f32x4.splat(0), c22 = f32x4.splat(0), c23 = f32x4.splat(0);
  let c30 = f32x4.splat(0), c31 = f32x4.splat(0), c32 = f32x4.splat(0), c33 = f32x4.splat(0);
  let c40 = f32x4.splat(0), c41 = f32x4.splat(0), c42 = f32x4.splat(0), c43 = f32x4.splat(0);
  let c50 = f32x4.splat(0), c51 = f32x4.splat(0), c52 = f32x4.splat(0), c53 = f32x4.splat(0);
  let a1 = a + rowBytes, a2 = a1 + rowBytes, a3 = a2 + rowBytes, a4 = a3 + rowBytes, a5 = a4 + rowBytes, next = b + bBytes;
  const end = b + ((<usize>depth) << 5);
  do {
    const b0 = v128.load(b), b1 = v128.load(b, 16), b2 = v128.load(next), b3 = v128.load(next, 16);
    let x = v128.load32_splat(a);
    c00 = madd(x, b0, c00);
    c01 = madd(x, b1, c01);
    c02 = madd(x, b2, c02);
    c03 = madd(x, b3, c03);
    x = v128.load32_splat(a1);
    c10 = madd(x, b0, c10);
    c11 = madd(x, b1, c11);
    c12 = madd(x, b2, c12);
    c13 = madd(x, b3, c13);
    x = v128.load32_splat(a2);
    c20 = madd(x, b0, c20);
    c21 = madd(x, b1, c21);
    c22 = madd(x, b2, c22);
    c23 = madd(x, b3, c23);
    x = v128.load32_splat(a3);
    c30 = madd(x, b0, c30);
    c31 = madd(x, b1, c31);
    c32 = madd(x, b2, c32);
    c33 = madd(x, b3, c33);
    x = v128.load32_splat(a4);
    c40 = madd(x, b0, c40);
    c41 = madd(x, b1, c41);
    c42 = madd(x, b2, c42);
    c43 = madd(x, b3, c43);
    if (rows == 6) {
      x = v128.load32_splat(a5);
      c50 = madd(x, b0, c50);
      c51 = madd(x, b1, c51);
      c52 = madd(x, b2, c52);
      c53 = madd(x, b3, c53);
    }
    a += 4;
    a1 += 4;
    a2 += 4;
    a3 += 4;
    a4 += 4;
    if (rows == 6) a5 += 4;
    b += 32;
    next += 32;
  } while (b < end);
  put4(c, c00, c01, c02, c03);
  c += cRowBytes;
  put4(c, c10, c11, c12, c13);
  c += cRowBytes;
  put4(c, c20, c21, c22, c23);
  c += cRowBytes;
  put4(c, c30, c31, c32, c33);
  c += cRowBytes;
  put4(c, c40, c41, c42, c43);
  if (rows == 6) put4(c + cRowBytes, c50, c51, c52, c53);
}

// Not inlined: see docs/decisions/0021-sums-that-stay-in-registers.md.
export function microRows6x16(depth: i32, a: usize, rowBytes: usize, b: usize, bBytes: usize, c: usize, cRowBytes: usize): void {
  microRows16(6, depth, a, rowBytes, b, bBytes, c, cRowBytes);
}
export function microRows5x16(depth: i32, a: usize, rowBytes: usize, b: usize, bBytes: usize, c: usize, cRowBytes: usize): void {
  microRows16(5, depth, a, rowBytes, b, bBytes, c, cRowBytes);
}
