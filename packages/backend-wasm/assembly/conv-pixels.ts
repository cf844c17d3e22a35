// Where the pixels under a filter's taps stand, as addresses of their channels: a convolution then reads them in place, four at a
// time, and packs nothing ("indirect convolution", Dukhan 2019). Addresses of zeros stand for the padding.

/** Rows, columns and addresses in the image of the pixels that a tap without offset would see: three lists of `capacity` numbers. */
export function placePixels(
  first: i32, count: i32, gridH: i32, gridW: i32, strideH: i32, strideW: i32, image: usize, height: i32, width: i32, pixelBytes: usize,
  places: usize, capacity: i32,
): void {
  const listBytes = <usize>capacity << 2, pictureBytes = <usize>(height * width) * pixelBytes;
  let j = first % gridW, i = (first / gridW) % gridH, picture = image + <usize>(first / (gridW * gridH)) * pictureBytes;
  for (let p = 0; p < count; p++) {
    store<i32>(places, i * strideH);
    store<i32>(places + listBytes, j * strideW);
    store<u32>(places + 2 * listBytes, <u32>(picture + <usize>(i * strideH * width + j * strideW) * pixelBytes));
    places += 4;
    if (++j == gridW) {
      j = 0;
      if (++i == gridH) {
        i = 0;
        picture += pictureBytes;
      }
    }
  }
  // Those that fill the last four up are outside of every image.
  for (let p = count; p & 3; p++) {
    store<i32>(places, i32.MAX_VALUE >> 1);
    store<u32>(places + 2 * listBytes, 0);
    places += 4;
  }
}

/**
 * The addresses of `count` placed pixels' neighbours at (dh, dw), or `zeros` where those are outside of the image: four side by side,
 * the next four `step` bytes on.
 */
export function tapPointers(
  places: usize, capacity: i32, count: i32, dh: i32, dw: i32, height: i32, width: i32, pixelBytes: usize, zeros: usize, to: usize, step: usize,
): void {
  const listBytes = <usize>capacity << 2;
  const down = i32x4.splat(dh), right = i32x4.splat(dw), offset = i32x4.splat((dh * width + dw) * <i32>pixelBytes);
  const high = i32x4.splat(height), wide = i32x4.splat(width), nothing = i32x4.splat(<i32>zeros);
  for (let p = 0; p < count; p += 4) {
    const h = i32x4.add(v128.load(places), down), w = i32x4.add(v128.load(places + listBytes), right);
    const inside = v128.and(i32x4.lt_u(h, high), i32x4.lt_u(w, wide));
    v128.store(to, v128.bitselect(i32x4.add(v128.load(places + 2 * listBytes), offset), nothing, inside));
    places += 16;
    to += step;
  }
}

/**
 * The channels under all taps, a row of `rowBytes` for each pixel: where there are so few channels that going from tap to tap takes
 * longer than the products. `table` is scratch for the pixels' addresses.
 */
export function gatherRows(
  places: usize, capacity: i32, count: i32, offsets: usize, taps: i32, height: i32, width: i32, channels: i32, zeros: usize, table: usize,
  rows: usize, rowBytes: usize,
): void {
  const pixelBytes = <usize>channels << 2;
  for (let tap = 0; tap < taps; tap++) {
    const dh = load<i32>(offsets + (<usize>tap << 3)), dw = load<i32>(offsets + (<usize>tap << 3), 4);
    tapPointers(places, capacity, count, dh, dw, height, width, pixelBytes, zeros, table, 16);
    let to = rows + <usize>tap * pixelBytes;
    for (let p = 0; p < count; p++) {
      const from = <usize>load<u32>(table + (<usize>p << 2));
      for (let c: usize = 0; c < pixelBytes; c += 4) store<f32>(to + c, load<f32>(from + c));
      to += rowBytes;
    }
  }
}
