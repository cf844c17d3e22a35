import { int } from './args';

// Shapes of operands that are read or written by strides. The JavaScript side merges neighbouring dimensions first, so
// that most operands have one or two; the innermost is handled by the kernels themselves, in runs.

/**
 * How far into an operand, in bytes of 4-byte elements, the given row of the outer dimensions is. The dimensions stand
 * in the arguments from `slot` on, outermost first, as groups of `group` numbers: the size, then a stride for each operand.
 */
export function rowOffset(args: usize, slot: i32, rank: i32, group: i32, operand: i32, row: i32): usize {
  let rest = row, offset: usize = 0;
  for (let d = rank - 1; d > 0; d--) {
    const size = int(args, slot + d * group), next = rest / size;
    offset += (<usize>(rest - next * size)) * (<usize>int(args, slot + d * group + operand));
    rest = next;
  }
  if (rank > 0) offset += (<usize>rest) * (<usize>int(args, slot + operand));
  return offset << 2;
}
