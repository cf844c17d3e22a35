/** How many images are read at a time: enough to keep decoding threads busy, few enough for their pixels to fit. */
const LANES = 32;

/**
 * Does `work` for 0 … count−1, 32 at a time. After a failure nothing more is begun, and what was begun is awaited: no read goes
 * on behind the caller's back once this has thrown.
 */
export async function inLanes(count: number, work: (position: number) => Promise<void> | void): Promise<void> {
  let next = 0;
  const lane = async (): Promise<void> => {
    try {
      while (next < count) {
        const begun = work(next++);
        // Awaiting what is done already would give way to other lanes for nothing.
        if (begun) await begun;
      }
    } catch (error) {
      next = count;
      throw error;
    }
  };
  const lanes = await Promise.allSettled(Array.from({ length: Math.min(LANES, count) }, lane));
  const failed = lanes.find((result) => result.status === 'rejected');
  if (failed) throw failed.reason;
}
