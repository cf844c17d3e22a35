import { AugmentError } from './error.ts';

/** Mean and standard deviation of a data set per channel, in 0–1 of full scale. One value stands for all channels. */
export interface ChannelStatistics {
  readonly mean: readonly number[];
  readonly std: readonly number[];
}

/** ImageNet's, as torchvision's reference code and `main_simsiam.py` use them. */
export const imageNetStatistics: ChannelStatistics = { mean: [0.485, 0.456, 0.406], std: [0.229, 0.224, 0.225] };

/** CIFAR-10's training set. */
export const cifar10Statistics: ChannelStatistics = { mean: [0.4914, 0.4822, 0.4465], std: [0.247, 0.2435, 0.2616] };

/** Fashion-MNIST's training set. */
export const fashionMnistStatistics: ChannelStatistics = { mean: [0.286], std: [0.353] };

/** (v/255 − mean)/std for every 8-bit v: `[channels, 256]`. Without statistics v/255. */
export function normalizationTable(channels: number, statistics: ChannelStatistics | null): Float32Array {
  const { mean, std } = statistics ?? { mean: [0], std: [1] };
  const fits = (list: readonly number[]): boolean => list.length === 1 || list.length === channels;
  if (!fits(mean) || !fits(std)) {
    throw new AugmentError(
      'channel-mismatch',
      `The statistics have ${mean.length} means and ${std.length} deviations for ${channels} channels; give one per channel, or one for all.`,
    );
  }
  if (!mean.every(Number.isFinite) || !std.every((value) => Number.isFinite(value) && value > 0)) {
    throw new AugmentError('invalid-option', `The statistics are mean [${mean.join(', ')}], std [${std.join(', ')}]; all must be finite, deviations positive.`);
  }
  const table = new Float32Array(channels * 256);
  for (let c = 0; c < channels; c++) {
    const m = mean[c] ?? mean[0]!;
    const s = std[c] ?? std[0]!;
    for (let v = 0; v < 256; v++) table[c * 256 + v] = (v / 255 - m) / s;
  }
  return table;
}
