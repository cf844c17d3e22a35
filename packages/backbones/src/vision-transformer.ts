import { classToken, flattenTokens, gelu, layerNorm, layerSeed, linear, multiHeadAttention, patchEmbedding, poolTokens, positionEmbedding } from '@selfsup/layers';
import type { NetSpec } from '@selfsup/layers';
import type { SymbolicTensor } from '@tensorflow/tfjs-layers';
import { model } from '@tensorflow/tfjs-layers';
import { BackbonesError } from './error.ts';
import { dropRates, residual } from './features.ts';
import { imageInput } from './image-input.ts';
import { checkOptions, oneOf, rules, upTo } from './options.ts';
import type { Rule } from './options.ts';

export interface VitOptions {
  /** Side of a patch in pixels, which divides the images' sides. */
  readonly patch?: number;
  /** Learn a token that stands before those of the patches. */
  readonly classToken?: boolean;
  /** `learned`, or MAE's fixed table of sines and cosines. */
  readonly positions?: 'learned' | 'sin-cos';
  /** Rows and columns of the table of positions, where it is not the images' own: 14 for weights from 224 pixels in patches of 16. */
  readonly positionGrid?: number | readonly [rows: number, columns: number];
  /** `pooled`: `[batch, dim]`. `tokens`: `[batch, tokens, dim]`, the class token first. */
  readonly output?: 'pooled' | 'tokens';
  /** What is pooled: the class token, where there is one, or the mean of the patches' tokens. */
  readonly pooling?: 'class-token' | 'mean';
  /** End after this block, counted from 1, and normalise what comes out of it. */
  readonly outputStage?: number;
  /** Stochastic depth: the rate at which the last block drops its branches; it grows linearly from 0 at the first. */
  readonly dropPath?: number;
}

export interface VitSize {
  /** Features of a token. */
  readonly dim: number;
  /** Blocks. */
  readonly depth: number;
  /** Attention heads, which divide `dim`. */
  readonly heads: number;
}

export type VisionTransformerOptions = VitSize & VitOptions;

const isGrid: Rule = [
  (value) => (Array.isArray(value) ? value.length === 2 && value.every(rules.natural[0]) : rules.natural[0](value)),
  'a whole number or [rows, columns]',
];

/** Every kernel of a block starts from N(0, 0.02²), and every bias at 0. */
const init = { stddev: 0.02 } as const;

/** The rules that any vision transformer's options follow. */
function vitRules(depth: number): Record<keyof VitOptions, Rule> {
  return {
    patch: rules.natural,
    classToken: rules.flag,
    positions: oneOf('learned', 'sin-cos'),
    positionGrid: isGrid,
    output: oneOf('pooled', 'tokens'),
    pooling: oneOf('class-token', 'mean'),
    outputStage: upTo(depth),
    dropPath: rules.rate,
  };
}

/**
 * A vision transformer of any size: `[height, width, channels]` → features `[dim]`, for {@link vitTiny}, {@link vitSmall}, {@link vitBase}
 * and networks of your own.
 *
 * Pre-normalised blocks x + attention(LN(x)), x + mlp(LN(x)) with 4·dim hidden units and exact GELU, and a last layer normalisation. Layers
 * are called as in torchvision. Weights start as in DINO: N(0, 0.02²), biases 0, and the patch embedding as torch.nn.Conv2d.
 *
 * The model may be called with images of another size than it is built for: positions are interpolated as in DINO.
 *
 * @throws BackbonesError `invalid-option`; `shape-mismatch` from `build`
 * @see Dosovitskiy et al. 2020, https://arxiv.org/abs/2010.11929; torchvision `models/vision_transformer.py`; facebookresearch/dino `vision_transformer.py`
 */
export function visionTransformer({ dim, depth, heads, ...options }: VisionTransformerOptions): NetSpec {
  checkOptions('visionTransformer', { dim, depth, heads }, { dim: rules.natural, depth: rules.natural, heads: rules.natural });
  return transformer(`vit-d${dim}-l${depth}-h${heads}`, { dim, depth, heads }, options);
}

/** The same under a name of its own. */
export function transformer(network: string, { dim, depth, heads }: VitSize, options: VitOptions): NetSpec {
  checkOptions(network, options, vitRules(depth));
  const { patch = 16, positions = 'learned', positionGrid, output = 'pooled', outputStage = depth, dropPath = 0 } = options;
  const { classToken: withClassToken = true, pooling = withClassToken ? 'class-token' : 'mean' } = options;
  if (dim % heads !== 0) throw new BackbonesError('invalid-option', `${network}: ${heads} heads do not divide a dim of ${dim}.`);
  if (pooling === 'class-token' && !withClassToken) {
    throw new BackbonesError('invalid-option', `${network}: pooling is 'class-token' without a class token; give pooling 'mean'.`);
  }
  const stage = outputStage === depth ? '' : `-stage${outputStage}`;
  const name = `${network}_${patch}${stage}${output === 'tokens' ? '-tokens' : ''}`;
  const grid = typeof positionGrid === 'number' ? ([positionGrid, positionGrid] as const) : positionGrid;
  const rates = dropRates(depth, dropPath);
  return {
    name,
    build: (inputShape, seed) => {
      const image = imageInput(name, inputShape, patch);
      if (inputShape[0]! % patch !== 0 || inputShape[1]! % patch !== 0) {
        throw new BackbonesError('shape-mismatch', `${name} was given [${inputShape.join(', ')}]; its patches of ${patch} pixels must divide height and width.`);
      }
      const own = (layer: string): { name: string; seed: number } => ({ name: layer, seed: layerSeed(seed, layer) });
      const patches = patchEmbedding({ ...own('conv_proj'), patch, dim }).apply(image) as SymbolicTensor;
      let x = flattenTokens({ name: 'flatten' }).apply(patches) as SymbolicTensor;
      if (withClassToken) x = classToken(own('class_token')).apply(x) as SymbolicTensor;
      x = positionEmbedding({ ...own('encoder.pos_embedding'), kind: positions, ...(grid ? { grid } : {}) }).apply([x, patches]) as SymbolicTensor;
      for (let index = 0; index < outputStage; index++) x = block(x, `encoder.layers.encoder_layer_${index}`, heads, rates[index]!, seed);
      x = layerNorm({ name: 'encoder.ln', epsilon: 1e-6 }).apply(x) as SymbolicTensor;
      if (output === 'pooled') x = poolTokens({ name: 'pool', by: pooling, skip: withClassToken ? 1 : 0 }).apply(x) as SymbolicTensor;
      return model({ inputs: image, outputs: x, name });
    },
  };
}

function block(x: SymbolicTensor, name: string, heads: number, rate: number, seed: number): SymbolicTensor {
  const own = (layer: string): { name: string; seed: number } => ({ name: `${name}.${layer}`, seed: layerSeed(seed, `${name}.${layer}`) });
  const norm = (y: SymbolicTensor, layer: string): SymbolicTensor => layerNorm({ name: `${name}.${layer}`, epsilon: 1e-6 }).apply(y) as SymbolicTensor;
  const dense = (y: SymbolicTensor, layer: string, units: number): SymbolicTensor =>
    linear({ ...own(layer), inputs: y.shape[2]!, units, init }).apply(y) as SymbolicTensor;
  const dim = x.shape[2]!;
  const attended = multiHeadAttention({ ...own('self_attention'), heads, init }).apply(norm(x, 'ln_1')) as SymbolicTensor;
  const y = residual(attended, x, `${name}.self_attention`, rate, seed);
  const hidden = gelu({ name: `${name}.mlp.1` }).apply(dense(norm(y, 'ln_2'), 'mlp.0', 4 * dim)) as SymbolicTensor;
  return residual(dense(hidden, 'mlp.3', dim), y, `${name}.mlp`, rate, seed);
}
