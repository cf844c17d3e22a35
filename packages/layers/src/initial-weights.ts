import { initializers } from '@tensorflow/tfjs-layers';
import { LayersError } from './error.ts';
import { layerSeed } from './seed.ts';

/**
 * How a kernel starts: `he` is N(0, 2/fan-out), `torch` U(±1/√fan-in) as torch's own default, `lecun` N(0, 1/fan-in) cut at two
 * deviations, and `{ stddev }` N(0, stddev²) as ViT and ConvNeXt start with 0.02.
 */
export type KernelInit = 'he' | 'torch' | 'lecun' | { readonly stddev: number };

type Initializer = ReturnType<typeof initializers.zeros>;

/** Checks what TypeScript cannot in the options of a JavaScript caller or of a saved model. */
export function checkedInit(init: KernelInit, layer: string): KernelInit {
  if (init === 'he' || init === 'torch' || init === 'lecun' || init.stddev >= 0) return init;
  throw new LayersError('invalid-option', `${layer}: init is ${JSON.stringify(init)}; it takes 'he', 'torch', 'lecun' or { stddev }.`);
}

/** @param fan inputs of one output, and outputs of one input, as torch counts them */
export function kernelInitializer(init: KernelInit, fan: { readonly in: number; readonly out: number }, seed: number): Initializer {
  const own = layerSeed(seed, 'kernel');
  if (init === 'torch') return uniform(fan.in, own);
  if (init === 'lecun') return initializers.truncatedNormal({ mean: 0, stddev: Math.sqrt(1 / fan.in), seed: own });
  return initializers.randomNormal({ mean: 0, stddev: init === 'he' ? Math.sqrt(2 / fan.out) : init.stddev, seed: own });
}

/** 0, but for torch's own default. */
export function biasInitializer(init: KernelInit, fanIn: number, seed: number): Initializer {
  return init === 'torch' ? uniform(fanIn, layerSeed(seed, 'bias')) : initializers.zeros();
}

function uniform(fanIn: number, seed: number): Initializer {
  const bound = 1 / Math.sqrt(fanIn);
  return initializers.randomUniform({ minval: -bound, maxval: bound, seed });
}
