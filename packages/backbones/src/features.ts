import { adaptiveAveragePool, dropPath, globalAveragePool, layerSeed } from '@selfsup/layers';
import type { SymbolicTensor } from '@tensorflow/tfjs-layers';
import { layers } from '@tensorflow/tfjs-layers';
import { oneOf, rules, upTo } from './options.ts';
import type { Rule } from './options.ts';

/** What every convolutional network of this package can be asked for. */
export interface FeatureOptions {
  /** `pooled`: `[batch, dim]`, the mean over the last map. `map`: `[batch, height, width, channels]`. */
  readonly output?: 'pooled' | 'map';
  /** End after this stage, counted from 1; by default after the last. */
  readonly outputStage?: number;
  /** Stochastic depth: the rate at which the last block drops its branch; it grows linearly from 0 at the first. */
  readonly dropPath?: number;
}

export function featureRules(stages: number): Record<keyof FeatureOptions, Rule> {
  return { output: oneOf('pooled', 'map'), outputStage: upTo(stages), dropPath: rules.rate };
}

/** What the name of a network says about these options: `-stage3-map`. */
export function featureSuffix({ output = 'pooled', outputStage }: FeatureOptions): string {
  return `${outputStage === undefined ? '' : `-stage${outputStage}`}${output === 'map' ? '-map' : ''}`;
}

/** @param poolTo cells a side whose means are the features */
export function pooledOrMap(x: SymbolicTensor, { output = 'pooled' }: FeatureOptions, poolTo = 1): SymbolicTensor {
  if (output === 'map') return x;
  const pool = poolTo === 1 ? globalAveragePool({ name: 'avgpool' }) : adaptiveAveragePool({ name: 'avgpool', size: poolTo });
  return pool.apply(x) as SymbolicTensor;
}

/** Rates of stochastic depth for all blocks of a network: 0, …, `last`. */
export function dropRates(blocks: number, last: number): readonly number[] {
  return Array.from({ length: blocks }, (_, block) => (last === 0 ? 0 : (last * block) / Math.max(1, blocks - 1)));
}

/** branch + shortcut, where training drops the branch of a sample at `rate`. */
export function residual(branch: SymbolicTensor, shortcut: SymbolicTensor, block: string, rate: number, seed: number): SymbolicTensor {
  const name = `${block}.stochastic_depth`;
  const kept = rate === 0 ? branch : (dropPath({ name, rate, seed: layerSeed(seed, name) }).apply(branch) as SymbolicTensor);
  return layers.add({ name: `${block}.add` }).apply([kept, shortcut]) as SymbolicTensor;
}
