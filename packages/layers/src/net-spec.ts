import type { LayersModel } from '@tensorflow/tfjs-layers';

/** A recipe for a network: build it twice with two seeds and get two independent networks of one architecture. */
export interface NetSpec {
  /** Short name for logs and model cards: `resnet18`. */
  readonly name: string;
  /**
   * @param inputShape shape without the batch: `[height, width, channels]` for encoders, `[dim]` for heads
   * @param seed draws every initial weight
   * @throws when the network cannot take that shape; the message shows both
   */
  readonly build: (inputShape: readonly number[], seed: number) => LayersModel;
}
