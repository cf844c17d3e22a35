import { add4, madd, put4 } from './simd';

// The register blocks of conv.ts and conv-filter-grad.ts by 16 columns, from two panels of B, for an engine that joins vectors of four numbers into
// vectors of eight (see gemm-micro-6x16.ts).

/** As `microTaps`, for the panels at `b` and at `next`. */
export function microTaps4x16(taps: i32, channels: i32, table: usize, b: usize, next: usize, bias: usize, floor: f32, rows: usize, column: usize): void {
  let c00 = v128.load(bias), c01 = v128.load(bias, 16), c02 = v128.load(bias, 32), c03 = v128.load(bias, 48);
  let c10 = c00, c11 = c01, c12 = c02, c13 = c03;
  let c20 = c00, c21 = c01, c22 = c02, c23 = c03;
  let c30 = c00, c31 = c01, c32 = c02, c33 = c03;
  const last = table + (<usize>taps << 4), bytes = <usize>channels << 5;
  do {
    let a0 = <usize>load<u32>(table), a1 = <usize>load<u32>(table, 4), a2 = <usize>load<u32>(table, 8), a3 = <usize>load<u32>(table, 12);
    const end = b + bytes;
    do {
      const b0 = v128.load(b), b1 = v128.load(b, 16), b2 = v128.load(next), b3 = v128.load(next, 16);
      let x = v128.load32_splat(a0);
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
      a0 += 4;
      a1 += 4;
      a2 += 4;
      a3 += 4;
      b += 32;
      next += 32;
    } while (b < end);
    table += 16;
  } while (table < last);
  const f = f32x4.splat(floor);
  put4(<usize>load<u32>(rows) + column, f32x4.max(c00, f), f32x4.max(c01, f), f32x4.max(c02, f), f32x4.max(c03, f));
  put4(<usize>load<u32>(rows, 4) + column, f32x4.max(c10, f), f32x4.max(c11, f), f32x4.max(c12, f), f32x4.max(c13, f));
  put4(<usize>load<u32>(rows, 8) + column, f32x4.max(c20, f), f32x4.max(c21, f), f32x4.max(c22, f), f32x4.max(c23, f));
  put4(<usize>load<u32>(rows, 12) + column, f32x4.max(c30, f), f32x4.max(c31, f), f32x4.max(c32, f), f32x4.max(c33, f));
}

/** As `microPixels`, for the panels at `b` and at `next`. */
export function microPixels4x16(count: i32, table: usize, offset: usize, b: usize, next: usize, to: usize, rowBytes: usize): void {
  let c00 = f32x4.splat(0), c01 = c00, c02 = c00, c03 = c00, c10 = c00, c11 = c00, c12 = c00, c13 = c00;
  let c20 = c00, c21 = c00, c22 = c00, c23 = c00, c30 = c00, c31 = c00, c32 = c00, c33 = c00;
  const end = b + (<usize>count << 5);
  do {
    const a = <usize>load<u32>(table) + offset, b0 = v128.load(b), b1 = v128.load(b, 16), b2 = v128.load(next), b3 = v128.load(next, 16);
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
    table += 4;
    b += 32;
    next += 32;
  } while (b < end);
  add4(to, c00, c01, c02, c03);
  to += rowBytes;
  add4(to, c10, c11, c12, c13);
  to += rowBytes;
  add4(to, c20, c21, c22, c23);
  to += rowBytes;
  add4(to, c30, c31, c32, c33);
}
