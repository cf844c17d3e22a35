import { int, partStart, ptr } from './args';

/** args: x (float32), out (int32), elements. */
export function floatToInt(args: usize, part: i32, parts: i32): void {
  const x = ptr(args, 0), out = ptr(args, 1), n = int(args, 2);
  const end = (<usize>partStart(n, part + 1, parts)) << 2;
  let at = (<usize>partStart(n, part, parts)) << 2;
  for (; at + 16 <= end; at += 16) v128.store(out + at, i32x4.trunc_sat_f32x4_s(v128.load(x + at)));
  for (; at < end; at += 4) store<i32>(out + at, <i32>i32x4.extract_lane(i32x4.trunc_sat_f32x4_s(v128.load32_splat(x + at)), 0));
}

/** args: x (int32), out (float32), elements. */
export function intToFloat(args: usize, part: i32, parts: i32): void {
  const x = ptr(args, 0), out = ptr(args, 1), n = int(args, 2);
  const end = (<usize>partStart(n, part + 1, parts)) << 2;
  let at = (<usize>partStart(n, part, parts)) << 2;
  for (; at + 16 <= end; at += 16) v128.store(out + at, f32x4.convert_i32x4_s(v128.load(x + at)));
  for (; at < end; at += 4) store<f32>(out + at, <f32>load<i32>(x + at));
}

/** args: x (bool), out (float32, or int32 when `integer`), elements, integer. */
export function boolToNumber(args: usize, part: i32, parts: i32): void {
  const x = ptr(args, 0), out = ptr(args, 1), n = int(args, 2), integer = int(args, 3) != 0;
  const end = partStart(n, part + 1, parts);
  let at = partStart(n, part, parts);
  for (; at + 4 <= end; at += 4) {
    const wide = i32x4.extend_low_i16x8_u(i16x8.extend_low_i8x16_u(v128.load32_zero(x + <usize>at)));
    v128.store(out + ((<usize>at) << 2), integer ? wide : f32x4.convert_i32x4_s(wide));
  }
  for (; at < end; at++) {
    const value = <i32>load<u8>(x + <usize>at);
    if (integer) store<i32>(out + ((<usize>at) << 2), value);
    else store<f32>(out + ((<usize>at) << 2), <f32>value);
  }
}

/** out = condition ? t : e, 4-byte elements; the condition has one byte for `repeat` of them. args: condition, t, e, out, elements, repeat. */
export function select(args: usize, part: i32, parts: i32): void {
  const condition = ptr(args, 0), t = ptr(args, 1), e = ptr(args, 2), out = ptr(args, 3), n = int(args, 4), repeat = int(args, 5);
  const end = partStart(n, part + 1, parts);
  let at = partStart(n, part, parts);
  if (repeat == 1) {
    for (; at + 4 <= end; at += 4) {
      const wide = i32x4.extend_low_i16x8_u(i16x8.extend_low_i8x16_u(v128.load32_zero(condition + <usize>at)));
      const offset = (<usize>at) << 2;
      v128.store(out + offset, v128.bitselect(v128.load(t + offset), v128.load(e + offset), i32x4.ne(wide, i32x4.splat(0))));
    }
    for (; at < end; at++) {
      const offset = (<usize>at) << 2;
      store<u32>(out + offset, load<u32>((load<u8>(condition + <usize>at) != 0 ? t : e) + offset));
    }
    return;
  }
  while (at < end) {
    const row = at / repeat, length = min((row + 1) * repeat, end) - at, offset = (<usize>at) << 2;
    memory.copy(out + offset, (load<u8>(condition + <usize>row) != 0 ? t : e) + offset, (<usize>length) << 2);
    at += length;
  }
}
