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
 * Where a part begins, of items `size` long of which the first `whole` are a part each, and each of the others `pieces` parts of `piece`;
 * `pieceEnd` is where it ends.
 */
export function pieceStart(part: i32, whole: i32, pieces: i32, size: i32, piece: i32): i32 {
  if (part < whole) return part * size;
  const item = whole + (part - whole) / pieces;
  return item * size + min(size, (part - whole) % pieces * piece);
}

export function pieceEnd(part: i32, whole: i32, pieces: i32, size: i32, piece: i32): i32 {
  if (part < whole) return (part + 1) * size;
  const item = whole + (part - whole) / pieces;
  return item * size + min(size, ((part - whole) % pieces + 1) * piece);
}

/** First of the `total` items that belong to `part`; the part ends where part + 1 starts. */
export function partStart(total: i32, part: i32, parts: i32): i32 {
  return <i32>((<i64>total * part) / parts);
}
