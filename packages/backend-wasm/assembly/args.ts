// How a kernel reads its arguments: 32-bit slots, in the order in which `engine.run` was given them.
export function int(args: usize, slot: i32): i32 {
  return load<i32>(args + ((<usize>slot) << 2));
}

export function ptr(args: usize, slot: i32): usize {
  return load<u32>(args + ((<usize>slot) << 2));
}

export function float(args: usize, slot: i32): f32 {
  return load<f32>(args + ((<usize>slot) << 2));
}

/**
 * Where a part begins, and the one before it ends, of items `size` long: `whole` of them are a part each, and each of those in the middle, which are
 * begun last, `pieces` parts of `piece`.
 */
export function pieceStart(part: i32, parts: i32, whole: i32, pieces: i32, size: i32, piece: i32): i32 {
  const front = (whole + 1) >> 1, split = parts - whole, place = part - front;
  if (place < 0) return part * size;
  if (place >= split) return (part - split + split / pieces) * size;
  return (front + place / pieces) * size + min(size, (place % pieces) * piece);
}

/** First of the `total` items that belong to `part`; the part ends where part + 1 starts. */
export function partStart(total: i32, part: i32, parts: i32): i32 {
  return <i32>((<i64>total * part) / parts);
}
