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

/** First of the `total` items that belong to `part`; the part ends where part + 1 starts. */
export function partStart(total: i32, part: i32, parts: i32): i32 {
  return <i32>((<i64>total * part) / parts);
}
