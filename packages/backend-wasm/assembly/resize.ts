import { int, partStart, ptr } from './args';

// Bilinear resizing of images [batch, height, width, c], and its gradient, which is its adjoint. Arguments of both: the
// array that is read, the one that is written, batch, height, width, c, new height, new width, align corners, half-pixel centres.

/** Channels that an item of the gradient's work has: no two parts write the same number. */
const STRIPE = 64;

/** Where in `size` pixels the i-th of `count` lies. */
function place(i: i32, size: i32, count: i32, align: bool, half: bool): f64 {
  const inner = align && count > 1, ratio = <f64>(inner ? size - 1 : size) / <f64>(inner ? count - 1 : count);
  return half ? ratio * (<f64>i + 0.5) - 0.5 : ratio * <f64>i;
}

function below(at: f64): i32 {
  return <i32>max(0, floor(at));
}

function above(at: f64, size: i32): i32 {
  return min(size - 1, <i32>ceil(at));
}

export function resizeBilinear(args: usize, part: i32, parts: i32): void {
  const batch = int(args, 2), height = int(args, 3), width = int(args, 4), c = int(args, 5);
  const newHeight = int(args, 6), newWidth = int(args, 7), align = int(args, 8) != 0, half = int(args, 9) != 0;
  const pixel = (<usize>c) << 2, line = (<usize>width) * pixel, whole = (<usize>(c & ~3)) << 2;
  const end = partStart(batch * newHeight, part + 1, parts);
  for (let item = partStart(batch * newHeight, part, parts); item < end; item++) {
    const image = ptr(args, 0) + (<usize>(item / newHeight)) * (<usize>height) * line;
    const y = place(item % newHeight, height, newHeight, align, half), top = below(y);
    const upper = image + (<usize>top) * line, lower = image + (<usize>above(y, height)) * line;
    const down = f32x4.splat(<f32>(y - <f64>top));
    let out = ptr(args, 1) + (<usize>item) * (<usize>newWidth) * pixel;
    for (let j = 0; j < newWidth; j++) {
      const x = place(j, width, newWidth, align, half), left = below(x);
      const across = f32x4.splat(<f32>(x - <f64>left));
      const l = (<usize>left) * pixel, r = (<usize>above(x, width)) * pixel;
      for (let i: usize = 0; i < pixel; i += i < whole ? 16 : 4) {
        const wide = i < whole;
        const a = wide ? v128.load(upper + l + i) : v128.load32_splat(upper + l + i);
        const b = wide ? v128.load(upper + r + i) : v128.load32_splat(upper + r + i);
        const p = wide ? v128.load(lower + l + i) : v128.load32_splat(lower + l + i);
        const q = wide ? v128.load(lower + r + i) : v128.load32_splat(lower + r + i);
        const high = f32x4.add(a, f32x4.mul(f32x4.sub(b, a), across)), low = f32x4.add(p, f32x4.mul(f32x4.sub(q, p), across));
        const value = f32x4.add(high, f32x4.mul(f32x4.sub(low, high), down));
        if (wide) v128.store(out + i, value);
        else store<f32>(out + i, f32x4.extract_lane(value, 0));
      }
      out += pixel;
    }
  }
}

// @ts-ignore: decorator
@inline
function addTo(address: usize, value: v128, wide: bool): void {
  if (wide) v128.store(address, f32x4.add(v128.load(address), value));
  else store<f32>(address, load<f32>(address) + f32x4.extract_lane(value, 0));
}

/** Reads dy [batch, new height, new width, c] and writes dx [batch, height, width, c]. */
export function resizeBilinearGrad(args: usize, part: i32, parts: i32): void {
  const batch = int(args, 2), height = int(args, 3), width = int(args, 4), c = int(args, 5);
  const newHeight = int(args, 6), newWidth = int(args, 7), align = int(args, 8) != 0, half = int(args, 9) != 0;
  const pixel = (<usize>c) << 2, line = (<usize>width) * pixel, size = (<usize>height) * line, whole = (<usize>(c & ~3)) << 2;
  const stripes = (c + STRIPE - 1) / STRIPE, end = partStart(batch * stripes, part + 1, parts);
  for (let item = partStart(batch * stripes, part, parts); item < end; item++) {
    const n = item / stripes, from = (item % stripes) * STRIPE;
    const first = (<usize>from) << 2, last = (<usize>min(c, from + STRIPE)) << 2;
    const image = ptr(args, 1) + (<usize>n) * size;
    for (let p: usize = 0; p < size; p += pixel) memory.fill(image + p + first, 0, last - first);
    let dy = ptr(args, 0) + (<usize>n) * (<usize>(newHeight * newWidth)) * pixel;
    for (let row = 0; row < newHeight; row++) {
      const y = place(row, height, newHeight, align, half), top = below(y), down = <f32>(y - <f64>top);
      const upper = image + (<usize>top) * line, lower = image + (<usize>above(y, height)) * line;
      for (let j = 0; j < newWidth; j++) {
        const x = place(j, width, newWidth, align, half), left = below(x), across = <f32>(x - <f64>left);
        const l = (<usize>left) * pixel, r = (<usize>above(x, width)) * pixel;
        for (let i = first; i < last; i += i < whole ? 16 : 4) {
          const wide = i < whole, g = wide ? v128.load(dy + i) : v128.load32_splat(dy + i);
          const high = f32x4.mul(g, f32x4.splat(1 - down)), low = f32x4.mul(g, f32x4.splat(down));
          addTo(upper + l + i, f32x4.mul(high, f32x4.splat(1 - across)), wide);
          addTo(upper + r + i, f32x4.mul(high, f32x4.splat(across)), wide);
          addTo(lower + l + i, f32x4.mul(low, f32x4.splat(1 - across)), wide);
          addTo(lower + r + i, f32x4.mul(low, f32x4.splat(across)), wide);
        }
        dy += pixel;
      }
    }
  }
}
