// Tone curves, mirroring and normalisation: one look-up a sample.

/** target ← table[source], left and right swapped when `mirrored`. Not in place when mirrored. */
export function lookUp(source: usize, target: usize, height: i32, width: i32, channels: i32, mirrored: bool, table: usize): void {
  const stride = <usize>(width * channels), pixel = <usize>channels;
  if (!mirrored) {
    const samples = <usize>height * stride;
    for (let i: usize = 0; i < samples; i += 4) {
      const word = load<u32>(source + i);
      const low = <u32>load<u8>(table + (word & 255)) | (<u32>load<u8>(table + ((word >> 8) & 255)) << 8);
      const high = <u32>load<u8>(table + ((word >> 16) & 255)) | (<u32>load<u8>(table + (word >> 24)) << 8);
      store<u32>(target + i, low | (high << 16));
    }
    return;
  }
  for (let y = 0; y < height; y++) {
    let from = source + <usize>y * stride + stride - pixel, to = target + <usize>y * stride;
    for (let x = 0; x < width; x++, from -= pixel) {
      for (let c: usize = 0; c < pixel; c++) store<u8>(to++, load<u8>(table + <usize>load<u8>(from + c)));
    }
  }
}

/** target ← values[channel, source] as 32-bit floats, left and right swapped when `mirrored`. `values` holds 256 a channel. */
export function writeFloats(source: usize, target: usize, height: i32, width: i32, channels: i32, mirrored: bool, values: usize): void {
  const stride = <usize>(width * channels), pixel = <usize>channels;
  const step = mirrored ? -pixel : pixel;
  for (let y = 0; y < height; y++) {
    let from = source + <usize>y * stride + (mirrored ? stride - pixel : 0);
    if (channels == 3) {
      for (let x = 0; x < width; x++, from += step, target += 12) {
        store<u32>(target, load<u32>(values + (<usize>load<u8>(from) << 2)));
        store<u32>(target, load<u32>(values + (<usize>load<u8>(from, 1) << 2), 1024), 4);
        store<u32>(target, load<u32>(values + (<usize>load<u8>(from, 2) << 2), 2048), 8);
      }
    } else {
      for (let x = 0; x < width; x++, from += step) {
        let at = values;
        for (let c: usize = 0; c < pixel; c++, at += 1024, target += 4) store<u32>(target, load<u32>(at + (<usize>load<u8>(from + c) << 2)));
      }
    }
  }
}
