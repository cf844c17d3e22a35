import { fileURLToPath } from 'node:url';
import { readBytes } from './read-file.ts';
import { decodeSample, type SampleSplits } from './sample.ts';

/** Both `src` and `dist` are beside `assets`, and the build keeps files at this depth. */
const ASSET = new URL('../assets/fashion-mnist-sample.idx.gz', import.meta.url);

/**
 * The sample of Fashion-MNIST that comes with this package: 10,000 train and 2,000 test images, 28×28, ten balanced classes.
 *
 * @see `decodeSample` for what it holds
 */
export async function fashionMnistSample(): Promise<SampleSplits> {
  return decodeSample(await readBytes(fileURLToPath(ASSET)));
}
