import { input } from '@tensorflow/tfjs-layers';
import type { SymbolicTensor } from '@tensorflow/tfjs-layers';
import { BackbonesError } from './error.ts';

/**
 * The input of a network for images `[height, width, channels]`.
 *
 * @param least pixels a side that the network needs
 * @param hint what to do with smaller images
 * @throws BackbonesError `shape-mismatch`
 */
export function imageInput(network: string, inputShape: readonly number[], least: number, hint = ''): SymbolicTensor {
  const [height = 0, width = 0, channels = 0] = inputShape;
  const whole = [height, width, channels].every(Number.isInteger);
  if (inputShape.length !== 3 || !whole || height < least || width < least || channels < 1) {
    throw new BackbonesError(
      'shape-mismatch',
      `${network} was given [${inputShape.join(', ')}]; it takes [height, width, channels] of at least ${least}×${least} pixels${hint}.`,
    );
  }
  return input({ shape: [height, width, channels], name: 'image' });
}
