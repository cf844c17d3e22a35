/** How many images are read at a time: enough to keep decoding threads busy, few enough for their pixels to fit. */
const LANES = 32;

/** As many as Node decodes at a time: fewer would leave it idle. */
const FEWEST = 4;

/** Decoded images that wait to be rendered may hold so many bytes, as far as `FEWEST` allow. */
const HELD = 2 ** 28;

/** How many images to read at a time, by how large they turn out to be. */
export interface Pace {
  readonly lanes: () => number;
  readonly saw: (bytes: number) => void;
}

/** The pace of one reader of a source. Until the first image is there, it may be as large as any. */
export function createPace(): Pace {
  let recent = HELD / FEWEST;
  return {
    lanes: () => Math.min(LANES, Math.max(FEWEST, Math.floor(HELD / recent))),
    saw: (bytes) => {
      // The largest, forgotten little by little: after one large image among small ones the pace is soon what it was.
      recent = Math.max(bytes, 0.8 * recent, 1);
    },
  };
}

/**
 * Does `work` for 0 … count−1, as many at a time as `most` says, which is asked anew before each. After a failure nothing more is
 * begun, and what was begun is awaited: no read goes on behind the caller's back once this has thrown.
 */
export async function inLanes(count: number, work: (position: number) => Promise<void> | void, most: () => number = () => LANES): Promise<void> {
  const lanes: Promise<void>[] = [];
  const failures: unknown[] = [];
  let next = 0;
  let active = 0;
  const lane = async (): Promise<void> => {
    active++;
    try {
      while (next < count && active <= most()) {
        const begun = work(next++);
        // Awaiting what is done already would give way to other lanes for nothing.
        if (!begun) continue;
        await begun;
        open();
      }
    } catch (error) {
      next = count;
      failures.push(error);
    }
    active--;
  };
  const open = (): void => {
    if (next >= count || active >= most()) return;
    lanes.push(lane());
    open();
  };
  open();
  // Those that are opened on the way are awaited too.
  for (const running of lanes) await running;
  if (failures.length > 0) throw failures[0];
}
