import { int, partStart, ptr } from './args';
import { TOGETHER, transformPanels } from './winograd-panel';
import { ZEROS } from './winograd-patch';

/**
 * The filter's transforms as packed B: [transforms][⌈n/8⌉][d][8].
 * args: filter, packed, d, n, transposed, bytes between transforms, kind, scratch, bytes of scratch for each thread.
 */
export function winogradFilter(args: usize, part: i32, parts: i32, thread: i32): void {
  const filter = ptr(args, 0), packed = ptr(args, 1), depth = int(args, 2), n = int(args, 3);
  const transposed = int(args, 4) != 0, step = ptr(args, 5), kind = int(args, 6);
  const scratch = ptr(args, 7) + (<usize>thread) * ptr(args, 8);
  const panels = (n + 7) / 8, groups = (depth + 3) >> 2, items = (panels + TOGETHER - 1) / TOGETHER * groups, panelBytes = <usize>depth << 5;
  const end = partStart(items, part + 1, parts);
  for (let item = partStart(items, part, parts); item < end; item++) {
    const panel = item / groups * TOGETHER, d = item % groups * 4;
    const to = packed + <usize>panel * panelBytes + (<usize>d << 5);
    transformPanels(
      kind, filter, depth, n, transposed, d, panel * 8, min(TOGETHER, panels - panel), to, panelBytes, step, scratch + ZEROS, scratch,
    );
  }
}
