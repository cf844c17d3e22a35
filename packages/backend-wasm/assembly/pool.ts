import { int, partStart, ptr } from './args';

// Pooling of NHWC images. The geometry stands in the same slots for all kernels here, after two or three addresses:
// batch, height, width, channels, output height, width, window height, width, stride h, w, padding top, left.

/** Channels that an item of the gradients' work has: no two parts write the same number. */
const STRIPE = 64;

// @ts-ignore: decorator
@inline
function poolRows(args: usize, part: i32, parts: i32, largest: bool): void {
  const x = ptr(args, 0), y = ptr(args, 1), batch = int(args, 2), height = int(args, 3), width = int(args, 4), c = int(args, 5);
  const outHeight = int(args, 6), outWidth = int(args, 7), windowH = int(args, 8), windowW = int(args, 9);
  const strideH = int(args, 10), strideW = int(args, 11), top = int(args, 12), left = int(args, 13);
  const pixel = (<usize>c) << 2, line = (<usize>width) * pixel, whole = (<usize>(c & ~3)) << 2;
  const end = partStart(batch * outHeight, part + 1, parts);
  for (let item = partStart(batch * outHeight, part, parts); item < end; item++) {
    const image = x + (<usize>(item / outHeight)) * (<usize>height) * line;
    const firstH = (item % outHeight) * strideH - top, h0 = max(0, firstH), h1 = min(height, firstH + windowH);
    let to = y + (<usize>item) * (<usize>outWidth) * pixel;
    for (let j = 0; j < outWidth; j++) {
      const firstW = j * strideW - left, w0 = max(0, firstW), w1 = min(width, firstW + windowW);
      const count = f32x4.splat(<f32>(max(0, h1 - h0) * max(0, w1 - w0)));
      for (let i: usize = 0; i < pixel; i += i < whole ? 16 : 4) {
        let value = f32x4.splat(largest ? -Infinity : 0);
        for (let h = h0; h < h1; h++) {
          let from = image + (<usize>h) * line + (<usize>w0) * pixel + i;
          for (let w = w0; w < w1; w++) {
            const here = i < whole ? v128.load(from) : v128.load32_splat(from);
            value = largest ? f32x4.pmax(value, here) : f32x4.add(value, here);
            from += pixel;
          }
        }
        if (!largest) value = f32x4.div(value, count);
        if (i < whole) v128.store(to + i, value);
        else store<f32>(to + i, f32x4.extract_lane(value, 0));
      }
      to += pixel;
    }
  }
}

/** args: x, y, geometry. */
export function maxPool(args: usize, part: i32, parts: i32): void {
  poolRows(args, part, parts, true);
}

/** The mean of the pixels of a window that are in the image. args: x, y, geometry. */
export function avgPool(args: usize, part: i32, parts: i32): void {
  poolRows(args, part, parts, false);
}

// @ts-ignore: decorator
@inline
function addLane(dx: usize, offset: i32, slope: f32): void {
  if (offset >= 0) store<f32>(dx + <usize>offset, load<f32>(dx + <usize>offset) + slope);
}

// @ts-ignore: decorator
@inline
function poolGrad(args: usize, part: i32, parts: i32, largest: bool): void {
  const dy = ptr(args, 0), dx = ptr(args, 1), x = ptr(args, 14);
  const batch = int(args, 2), height = int(args, 3), width = int(args, 4), c = int(args, 5);
  const outHeight = int(args, 6), outWidth = int(args, 7), windowH = int(args, 8), windowW = int(args, 9);
  const strideH = int(args, 10), strideW = int(args, 11), top = int(args, 12), left = int(args, 13);
  const pixel = (<usize>c) << 2, line = (<usize>width) * pixel, size = (<usize>height) * line, whole = (<usize>(c & ~3)) << 2;
  const share = f32x4.splat(<f32>(1.0 / <f64>(windowH * windowW)));
  const stripes = (c + STRIPE - 1) / STRIPE;
  const end = partStart(batch * stripes, part + 1, parts);
  for (let item = partStart(batch * stripes, part, parts); item < end; item++) {
    const n = item / stripes, from = (item % stripes) * STRIPE;
    const first = (<usize>from) << 2, last = (<usize>min(c, from + STRIPE)) << 2;
    const image = x + (<usize>n) * size, target = dx + (<usize>n) * size;
    for (let p: usize = 0; p < size; p += pixel) memory.fill(target + p + first, 0, last - first);
    let slope = dy + (<usize>n) * (<usize>(outHeight * outWidth)) * pixel;
    for (let row = 0; row < outHeight; row++) {
      const firstH = row * strideH - top, h0 = max(0, firstH), h1 = min(height, firstH + windowH);
      for (let column = 0; column < outWidth; column++) {
        const firstW = column * strideW - left, w0 = max(0, firstW), w1 = min(width, firstW + windowW);
        for (let i = first; i < last; i += i < whole ? 16 : 4) {
          const wide = i < whole;
          const g = wide ? v128.load(slope + i) : v128.load32_splat(slope + i);
          let best = f32x4.splat(-Infinity), place = i32x4.splat(-1);
          for (let h = h0; h < h1; h++) {
            let at = (<usize>h) * line + (<usize>w0) * pixel + i;
            for (let w = w0; w < w1; w++) {
              if (largest) {
                const here = wide ? v128.load(image + at) : v128.load32_splat(image + at);
                const better = f32x4.gt(here, best);
                best = v128.bitselect(here, best, better);
                place = v128.bitselect(i32x4.splat(<i32>at), place, better);
              } else if (wide) {
                v128.store(target + at, f32x4.add(v128.load(target + at), f32x4.mul(g, share)));
              } else {
                store<f32>(target + at, load<f32>(target + at) + f32x4.extract_lane(f32x4.mul(g, share), 0));
              }
              at += pixel;
            }
          }
          if (largest) {
            addLane(target, i32x4.extract_lane(place, 0), f32x4.extract_lane(g, 0));
            if (wide) {
              addLane(target + 4, i32x4.extract_lane(place, 1), f32x4.extract_lane(g, 1));
              addLane(target + 8, i32x4.extract_lane(place, 2), f32x4.extract_lane(g, 2));
              addLane(target + 12, i32x4.extract_lane(place, 3), f32x4.extract_lane(g, 3));
            }
          }
        }
        slope += pixel;
      }
    }
  }
}

/** The gradient goes to the first of the largest in each window. args: dy, dx, geometry, x. */
export function maxPoolGrad(args: usize, part: i32, parts: i32): void {
  poolGrad(args, part, parts, true);
}

/**
 * Every pixel of a window gets its share of the whole window, at padded edges too, where the forward kernel divides by
 * fewer: so TensorFlow.js has it on all its backends, and so its specs demand it. args: dy, dx, geometry.
 */
export function avgPoolGrad(args: usize, part: i32, parts: i32): void {
  poolGrad(args, part, parts, false);
}
