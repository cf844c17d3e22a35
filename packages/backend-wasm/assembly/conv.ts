import { int, partStart, ptr } from './args';
import { ACCUMULATE, BIAS, MACRO_SCRATCH, macro, RELU } from './gemm-micro';
import { packColumnsB, packRowsA, packStepA, packStepB } from './pack';
import { MR } from './variant';

// Convolutions as matrix products whose left side is packed straight from the image ("implicit GEMM"): a row for each
// output pixel, a column for each (tap, channel). A tap is an offset (Δh, Δw) from the pixel's place in the image.

/**
 * The filter [tap, c, k] as packed B of the input gradient, rows (tap, k) for the listed taps, columns c.
 * args: filter, packed, tap numbers, taps, c, k.
 */
export function convPackFilterTransposed(args: usize, part: i32, parts: i32): void {
  const filter = ptr(args, 0), packed = ptr(args, 1), list = ptr(args, 2), taps = int(args, 3);
  const c = int(args, 4), k = int(args, 5);
  const panels = (c + 7) / 8, panelBytes = (<usize>(taps * k)) << 5, rowBytes = (<usize>k) << 2;
  const end = partStart(panels, part + 1, parts);
  for (let panel = partStart(panels, part, parts); panel < end; panel++) {
    for (let t = 0; t < taps; t++) {
      const row = <usize>(load<i32>(list + ((<usize>t) << 2)) * c + panel * 8);
      const dst = packed + (<usize>panel) * panelBytes + ((<usize>(t * k)) << 5);
      packColumnsB(filter + row * rowBytes, rowBytes, min(8, c - panel * 8), k, dst);
    }
  }
}

/**
 * target[n, i·dstStride + dstOffset, …, :] = (bias +) Σ_tap image[n, i·stride + Δtap, …, :] · B[tap], then ReLU, for
 * every i of a grid; taps outside the image count 0. The forward convolution has dstStride 1; the input gradient is a
 * sum of such, one for each remainder of the position by the stride.
 * args: image, packed B, target, tap offsets (Δh, Δw), taps, batch, image height, width, channels, grid height, width,
 * stride h, w, target channels, height, width, dstStride h, w, dstOffset h, w, bias, relu, block rows, columns, depth,
 * scratch, bytes of scratch for each thread.
 */
export function convGather(args: usize, part: i32, parts: i32, thread: i32): void {
  const image = ptr(args, 0), b = ptr(args, 1), target = ptr(args, 2), offsets = ptr(args, 3);
  const taps = int(args, 4), batch = int(args, 5), height = int(args, 6), width = int(args, 7), channels = int(args, 8);
  const gridH = int(args, 9), gridW = int(args, 10), strideH = int(args, 11), strideW = int(args, 12);
  const n = int(args, 13), targetH = int(args, 14), targetW = int(args, 15);
  const dstStrideH = int(args, 16), dstStrideW = int(args, 17), dstOffsetH = int(args, 18), dstOffsetW = int(args, 19);
  const bias = ptr(args, 20), last = (bias != 0 ? BIAS : 0) | (int(args, 21) != 0 ? RELU : 0);
  const mc = int(args, 22), nc = int(args, 23), kc = int(args, 24);
  const scratch = ptr(args, 25) + (<usize>thread) * ptr(args, 26);
  const tableBytes = (<usize>mc) << 2;
  const table = scratch + MACRO_SCRATCH, rows = table + tableBytes;
  const origins = rows + tableBytes, hs = origins + tableBytes, ws = hs + tableBytes;
  const zeros = ws + tableBytes, packed = zeros + ((<usize>kc) << 2);
  memory.fill(zeros, 0, (<usize>kc) << 2);

  const k = taps * channels, panelBytes = (<usize>k) << 5;
  const m = batch * gridH * gridW, pixelBytes = (<usize>channels) << 2;
  const mBlocks = (m + mc - 1) / mc, nBlocks = (n + nc - 1) / nc;
  const end = partStart(mBlocks * nBlocks, part + 1, parts);
  for (let item = partStart(mBlocks * nBlocks, part, parts); item < end; item++) {
    const row = (item / nBlocks) * mc, column = (item % nBlocks) * nc;
    const count = min(mc, m - row), wide = min(nc, n - column);
    let j = row % gridW, i = (row / gridW) % gridH, picture = row / (gridW * gridH);
    for (let r: usize = 0; r < (<usize>count) << 2; r += 4) {
      const at = (picture * targetH + i * dstStrideH + dstOffsetH) * targetW + j * dstStrideW + dstOffsetW;
      store<u32>(rows + r, <u32>(target + ((<usize>at * <usize>n) << 2)));
      store<u32>(origins + r, <u32>(image + (<usize>(picture * height * width)) * pixelBytes));
      store<i32>(hs + r, i * strideH);
      store<i32>(ws + r, j * strideW);
      if (++j == gridW) {
        j = 0;
        if (++i == gridH) {
          i = 0;
          picture++;
        }
      }
    }
    if (k == 0) {
      for (let r: usize = 0; r < (<usize>count) << 2; r += 4) {
        memory.fill(<usize>load<u32>(rows + r) + ((<usize>column) << 2), 0, (<usize>wide) << 2);
      }
      continue;
    }
    for (let k0 = 0; k0 < k; k0 += kc) {
      const depth = min(kc, k - k0);
      let q = k0;
      while (q < k0 + depth) {
        const tap = q / channels, c = q % channels, length = min(channels - c, k0 + depth - q);
        const dh = load<i32>(offsets + ((<usize>tap) << 3)), dw = load<i32>(offsets + ((<usize>tap) << 3), 4);
        for (let r: usize = 0; r < (<usize>count) << 2; r += 4) {
          const h = load<i32>(hs + r) + dh, w = load<i32>(ws + r) + dw;
          let from = zeros;
          if (<u32>h < <u32>height && <u32>w < <u32>width) {
            from = <usize>load<u32>(origins + r) + (<usize>(h * width + w)) * pixelBytes + ((<usize>c) << 2);
          }
          store<u32>(table + r, <u32>from);
        }
        packRowsA(table, count, length, q - k0, depth, zeros, packed);
        q += length;
      }
      const flags = (k0 > 0 ? ACCUMULATE : 0) | (k0 + kc >= k ? last : 0);
      const panel = b + (<usize>(column / 8)) * panelBytes + ((<usize>k0) << 5);
      macro(depth, count, wide, packed, (<usize>(depth * MR)) << 2, panel, panelBytes, rows, column, bias, flags, scratch);
    }
  }
}

/**
 * dw[tap, c, k] = Σ_pixels image[pixel·stride + Δtap, c] · dy[pixel, k]: each part has some rows (tap, c) of dw and
 * goes over all pixels in blocks.
 * args: image, dy, dw, tap offsets (Δh, Δw), taps, batch, image height, width, channels, dy height, width, channels,
 * stride h, w, block rows, columns, depth, scratch, bytes of scratch for each thread.
 */
export function convFilterGrad(args: usize, part: i32, parts: i32, thread: i32): void {
  const image = ptr(args, 0), dy = ptr(args, 1), dw = ptr(args, 2), offsets = ptr(args, 3);
  const taps = int(args, 4), batch = int(args, 5), height = int(args, 6), width = int(args, 7), channels = int(args, 8);
  const gridH = int(args, 9), gridW = int(args, 10), n = int(args, 11), strideH = int(args, 12), strideW = int(args, 13);
  const mc = int(args, 14), nc = int(args, 15), kc = int(args, 16);
  const scratch = ptr(args, 17) + (<usize>thread) * ptr(args, 18);
  const tableBytes = (<usize>kc) << 2;
  const rows = scratch + MACRO_SCRATCH, origins = rows + ((<usize>mc) << 2), hs = origins + tableBytes, ws = hs + tableBytes;
  const zeros = ws + tableBytes, packedA = zeros + ((<usize>mc) << 2), packedB = packedA + ((<usize>(mc * kc)) << 2);
  memory.fill(zeros, 0, (<usize>mc) << 2);

  const m = taps * channels, pixels = batch * gridH * gridW, pixelBytes = (<usize>channels) << 2;
  const panels = (m + MR - 1) / MR;
  const first = partStart(panels, part, parts) * MR, last = min(m, partStart(panels, part + 1, parts) * MR);
  for (let column = 0; column < n; column += nc) {
    const wide = min(nc, n - column);
    for (let p0 = 0; p0 < pixels; p0 += kc) {
      const depth = min(kc, pixels - p0), panelBytes = (<usize>depth) << 5;
      let j = p0 % gridW, i = (p0 / gridW) % gridH, picture = p0 / (gridW * gridH);
      let from = dy + ((<usize>p0 * <usize>n + <usize>column) << 2);
      for (let p = 0; p < depth; p++) {
        const r = (<usize>p) << 2;
        store<u32>(origins + r, <u32>(image + (<usize>(picture * height * width)) * pixelBytes));
        store<i32>(hs + r, i * strideH);
        store<i32>(ws + r, j * strideW);
        if (++j == gridW) {
          j = 0;
          if (++i == gridH) {
            i = 0;
            picture++;
          }
        }
        packStepB(from, wide, packedB + ((<usize>p) << 5), panelBytes);
        from += (<usize>n) << 2;
      }
      for (let row = first; row < last; row += mc) {
        const count = min(mc, last - row);
        for (let r = 0; r < count; r++) {
          store<u32>(rows + ((<usize>r) << 2), <u32>(dw + ((<usize>(row + r) * <usize>n) << 2)));
        }
        let q = row;
        while (q < row + count) {
          const tap = q / channels, c = q % channels, length = min(channels - c, row + count - q);
          const dh = load<i32>(offsets + ((<usize>tap) << 3)), dwTap = load<i32>(offsets + ((<usize>tap) << 3), 4);
          let dst = packedA;
          for (let r: usize = 0; r < (<usize>depth) << 2; r += 4) {
            const h = load<i32>(hs + r) + dh, w = load<i32>(ws + r) + dwTap;
            let at = zeros;
            if (<u32>h < <u32>height && <u32>w < <u32>width) {
              at = <usize>load<u32>(origins + r) + (<usize>(h * width + w)) * pixelBytes + ((<usize>c) << 2);
            }
            packStepA(at, length, q - row, dst, depth);
            dst += (<usize>MR) << 2;
          }
          q += length;
        }
        const flags = p0 > 0 ? ACCUMULATE : 0;
        macro(depth, count, wide, packedA, (<usize>(depth * MR)) << 2, packedB, panelBytes, rows, column, 0, flags, scratch);
      }
    }
  }
}
