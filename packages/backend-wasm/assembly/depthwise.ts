import { int, partStart, ptr } from './args';
import { loadLanes, madd, storeLanes } from './simd';

// Depthwise convolutions: output channel c·m + q sees input channel c alone, through filter [fh, fw, c, m]. Each pixel
// first lists the (value, filter) addresses of the taps that it sees; the channels then run over that list.

/** Lanes base[(i + lane)·stride], floats; lanes from `count` on are 0. */
function strided(base: usize, i: i32, stride: i32, count: i32): v128 {
  if (stride == 1) return loadLanes(base + (<usize>i << 2), count);
  const at = base + (<usize>(i * stride) << 2), next = <usize>stride << 2;
  let x = f32x4.splat(0);
  if (count > 0) x = v128.load32_lane(at, x, 0);
  if (count > 1) x = v128.load32_lane(at + next, x, 1);
  if (count > 2) x = v128.load32_lane(at + 2 * next, x, 2);
  if (count > 3) x = v128.load32_lane(at + 3 * next, x, 3);
  return x;
}

/** Lanes base[(i + lane) / repeat], floats: every value `repeat` times. */
function repeated(base: usize, i: i32, repeat: i32, count: i32): v128 {
  if (repeat == 1) return loadLanes(base + (<usize>i << 2), count);
  let x = f32x4.splat(0);
  if (count > 0) x = v128.load32_lane(base + (<usize>(i / repeat) << 2), x, 0);
  if (count > 1) x = v128.load32_lane(base + (<usize>((i + 1) / repeat) << 2), x, 1);
  if (count > 2) x = v128.load32_lane(base + (<usize>((i + 2) / repeat) << 2), x, 2);
  if (count > 3) x = v128.load32_lane(base + (<usize>((i + 3) / repeat) << 2), x, 3);
  return x;
}

/**
 * args: x, filter, y, batch, height, width, c, out height, out width, m, filter height, width, stride h, w, dilation h,
 * w, top, left, scratch, bytes of scratch for each part (8 for each tap).
 */
export function depthwise(args: usize, part: i32, parts: i32): void {
  const x = ptr(args, 0), filter = ptr(args, 1), y = ptr(args, 2), batch = int(args, 3);
  const height = int(args, 4), width = int(args, 5), c = int(args, 6), outH = int(args, 7), outW = int(args, 8);
  const m = int(args, 9), taps = int(args, 10), across = int(args, 11), strideH = int(args, 12), strideW = int(args, 13);
  const dilationH = int(args, 14), dilationW = int(args, 15), top = int(args, 16), left = int(args, 17);
  const list = ptr(args, 18) + <usize>part * ptr(args, 19);
  const k = c * m, end = partStart(batch * outH, part + 1, parts);
  for (let row = partStart(batch * outH, part, parts); row < end; row++) {
    const picture = row / outH, i = (row % outH) * strideH - top;
    for (let column = 0; column < outW; column++) {
      const j = column * strideW - left;
      let last = list;
      for (let p = 0; p < taps; p++) {
        const h = i + p * dilationH;
        if (<u32>h >= <u32>height) continue;
        for (let q = 0; q < across; q++) {
          const w = j + q * dilationW;
          if (<u32>w >= <u32>width) continue;
          store<u32>(last, <u32>(x + (<usize>((picture * height + h) * width + w) * <usize>c << 2)));
          store<u32>(last, <u32>(filter + (<usize>((p * across + q) * k) << 2)), 4);
          last += 8;
        }
      }
      const to = y + (<usize>(row * outW + column) * <usize>k << 2);
      for (let ch = 0; ch < k; ch += 4) {
        let sum = f32x4.splat(0);
        for (let at = list; at < last; at += 8) {
          const value = repeated(load<u32>(at), ch, m, k - ch);
          sum = madd(value, loadLanes(<usize>load<u32>(at, 4) + (<usize>ch << 2), k - ch), sum);
        }
        storeLanes(to + (<usize>ch << 2), sum, k - ch);
      }
    }
  }
}

/** args: dy, filter, dx, then as `depthwise`. */
export function depthwiseInputGrad(args: usize, part: i32, parts: i32): void {
  const dy = ptr(args, 0), filter = ptr(args, 1), dx = ptr(args, 2), batch = int(args, 3);
  const height = int(args, 4), width = int(args, 5), c = int(args, 6), outH = int(args, 7), outW = int(args, 8);
  const m = int(args, 9), taps = int(args, 10), across = int(args, 11), strideH = int(args, 12), strideW = int(args, 13);
  const dilationH = int(args, 14), dilationW = int(args, 15), top = int(args, 16), left = int(args, 17);
  const list = ptr(args, 18) + <usize>part * ptr(args, 19);
  const k = c * m, end = partStart(batch * height, part + 1, parts);
  for (let row = partStart(batch * height, part, parts); row < end; row++) {
    const picture = row / height, i = row % height + top;
    for (let column = 0; column < width; column++) {
      const j = column + left;
      let last = list;
      for (let p = 0; p < taps; p++) {
        const h = i - p * dilationH;
        if (h < 0 || h % strideH != 0 || h / strideH >= outH) continue;
        for (let q = 0; q < across; q++) {
          const w = j - q * dilationW;
          if (w < 0 || w % strideW != 0 || w / strideW >= outW) continue;
          const pixel = (picture * outH + h / strideH) * outW + w / strideW;
          store<u32>(last, <u32>(dy + (<usize>pixel * <usize>k << 2)));
          store<u32>(last, <u32>(filter + (<usize>((p * across + q) * k) << 2)), 4);
          last += 8;
        }
      }
      const to = dx + (<usize>(row * width + column) * <usize>c << 2);
      for (let ch = 0; ch < c; ch += 4) {
        let sum = f32x4.splat(0);
        for (let at = list; at < last; at += 8) {
          for (let q: usize = 0; q < <usize>m; q++) {
            const value = strided(<usize>load<u32>(at) + (q << 2), ch, m, c - ch);
            sum = madd(value, strided(<usize>load<u32>(at, 4) + (q << 2), ch, m, c - ch), sum);
          }
        }
        storeLanes(to + (<usize>ch << 2), sum, c - ch);
      }
    }
  }
}

/** Each part has some of the output channels. args: x, dy, dw, then as `depthwise`, without scratch. */
export function depthwiseFilterGrad(args: usize, part: i32, parts: i32): void {
  const x = ptr(args, 0), dy = ptr(args, 1), dw = ptr(args, 2), batch = int(args, 3);
  const height = int(args, 4), width = int(args, 5), c = int(args, 6), outH = int(args, 7), outW = int(args, 8);
  const m = int(args, 9), taps = int(args, 10), across = int(args, 11), strideH = int(args, 12), strideW = int(args, 13);
  const dilationH = int(args, 14), dilationW = int(args, 15), top = int(args, 16), left = int(args, 17);
  const k = c * m, groups = (k + 3) >> 2, step = <usize>k << 2;
  const first = partStart(groups, part, parts) * 4, end = min(k, partStart(groups, part + 1, parts) * 4);
  for (let ch = first; ch < end; ch += 4) {
    for (let tap: usize = 0; tap < <usize>(taps * across); tap++) {
      storeLanes(dw + tap * step + (<usize>ch << 2), f32x4.splat(0), k - ch);
    }
  }
  for (let row = 0; row < batch * outH; row++) {
    const picture = row / outH, i = (row % outH) * strideH - top;
    for (let ch = first; ch < end; ch += 4) {
      const count = k - ch;
      for (let p = 0; p < taps; p++) {
        const h = i + p * dilationH;
        if (<u32>h >= <u32>height) continue;
        const line = x + (<usize>((picture * height + h) * width) * <usize>c << 2);
        for (let q = 0; q < across; q++) {
          const to = dw + <usize>(p * across + q) * step + (<usize>ch << 2);
          let sum = loadLanes(to, count), from = dy + (<usize>(row * outW) * <usize>k << 2) + (<usize>ch << 2);
          for (let column = 0; column < outW; column++) {
            const w = column * strideW - left + q * dilationW;
            if (<u32>w < <u32>width) {
              sum = madd(repeated(line + (<usize>(w * c) << 2), ch, m, count), loadLanes(from, count), sum);
            }
            from += step;
          }
          storeLanes(to, sum, count);
        }
      }
    }
  }
}
