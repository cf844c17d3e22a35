import { add, concat, matMul, reshape, serialization, slice, tensor2d, tensor3d, tidy, transpose } from '@tensorflow/tfjs-core';
import type { Tensor, Tensor2D } from '@tensorflow/tfjs-core';
import { initializers, layers } from '@tensorflow/tfjs-layers';
import type { LayerVariable } from '@tensorflow/tfjs-layers';
import { LayersError } from './error.ts';
import { cubicMatrix } from './interpolation.ts';
import { layerSeed } from './seed.ts';
import { imageShape, isShapeList, tokenShape } from './shapes.ts';
import type { BatchShape, Inputs } from './shapes.ts';
import { sinCosTable } from './sin-cos.ts';

export interface PositionEmbeddingOptions {
  /** `learned` from N(0, 0.02²), or the fixed table of sines and cosines. */
  readonly kind?: 'learned' | 'sin-cos';
  /** Rows and columns of patches that the table holds; by default those of the images that the model is built for. */
  readonly grid?: readonly [rows: number, columns: number];
  /** Draws a learnt table. */
  readonly seed: number;
  readonly name?: string;
}

class PositionEmbedding extends layers.Layer {
  static className = 'SelfsupPositionEmbedding';
  private readonly kind: 'learned' | 'sin-cos';
  private readonly seed: number;
  private grid: readonly [number, number] | undefined;
  private positions!: LayerVariable;

  constructor(options: PositionEmbeddingOptions) {
    super({ ...options });
    const { kind = 'learned', grid, seed } = options;
    if (kind !== 'learned' && kind !== 'sin-cos') {
      throw new LayersError('invalid-option', `positionEmbedding: kind is ${String(kind)}; it takes 'learned' or 'sin-cos'.`);
    }
    this.kind = kind;
    this.seed = seed;
    this.grid = grid;
  }

  override build(inputShape: BatchShape | BatchShape[]): void {
    const layer = `positionEmbedding "${this.name}"`;
    const [sequence, patches] = pairOf(inputShape, layer);
    const [tokens, dim] = tokenShape(sequence, layer);
    const [rows, columns] = imageShape(patches, layer);
    const prefix = tokens - rows * columns;
    if (prefix < 0) {
      throw new LayersError('shape-mismatch', `${layer} was given ${tokens} tokens and ${rows}×${columns} patches; it takes the patches' own tokens.`);
    }
    this.grid ??= [rows, columns];
    const shape: [number, number, number] = [1, prefix + this.grid[0] * this.grid[1], dim];
    const random = initializers.randomNormal({ mean: 0, stddev: 0.02, seed: layerSeed(this.seed, 'positions') });
    const learned = this.kind === 'learned';
    if (!learned && dim % 4 !== 0) {
      throw new LayersError('shape-mismatch', `${layer}: sines and cosines need a dim that 4 divides, and it is ${dim}.`);
    }
    this.positions = this.addWeight('positions', shape, 'float32', learned ? random : initializers.zeros(), undefined, learned);
    if (!learned) {
      const table = tensor3d(sinCosTable(this.grid, prefix, dim), shape);
      this.positions.write(table);
      table.dispose();
    }
    super.build(inputShape);
  }

  override call(inputs: Inputs): Tensor {
    const [x, patches] = inputs as [Tensor, Tensor];
    const [, rows = 0, columns = 0] = patches.shape;
    const prefix = x.shape[1]! - rows * columns;
    return tidy(() => add(x, this.positionsOf(rows, columns, prefix)));
  }

  override computeOutputShape(inputShape: BatchShape | BatchShape[]): BatchShape {
    return pairOf(inputShape, `positionEmbedding "${this.name}"`)[0];
  }

  override getConfig(): serialization.ConfigDict {
    return { ...super.getConfig(), kind: this.kind, seed: this.seed, ...(this.grid ? { grid: [...this.grid] } : {}) };
  }

  /** The table, or what DINO's `interpolate_pos_encoding` makes of it for another grid. */
  private positionsOf(rows: number, columns: number, prefix: number): Tensor {
    const table = this.positions.read();
    const [ownRows, ownColumns] = this.grid!;
    if (rows === ownRows && columns === ownColumns) return table;
    const dim = table.shape[2]!;
    // The 0.1 is DINO's: it keeps PyTorch from rounding the size down, and moves the sampling points a little.
    const down = tensor2d(cubicMatrix(ownRows, rows, (rows + 0.1) / ownRows), [rows, ownRows]);
    const across = tensor2d(cubicMatrix(ownColumns, columns, (columns + 0.1) / ownColumns), [columns, ownColumns]);
    const own = reshape(slice(table, [0, prefix, 0], [1, ownRows * ownColumns, dim]), [ownRows, ownColumns * dim]) as Tensor2D;
    // [rows, ownColumns, dim] → [ownColumns, rows·dim] → [columns, rows·dim]
    const turned = transpose(reshape(matMul(down, own), [rows, ownColumns, dim]), [1, 0, 2]);
    const resized = matMul(across, reshape(turned, [ownColumns, rows * dim]) as Tensor2D);
    const grid = reshape(transpose(reshape(resized, [columns, rows, dim]), [1, 0, 2]), [1, rows * columns, dim]);
    return prefix === 0 ? grid : concat([slice(table, [0, 0, 0], [1, prefix, dim]), grid], 1);
  }
}
serialization.registerClass(PositionEmbedding);

function pairOf(shape: BatchShape | BatchShape[], layer: string): [tokens: BatchShape, patches: BatchShape] {
  if (isShapeList(shape) && shape.length === 2) return shape as [BatchShape, BatchShape];
  throw new LayersError('shape-mismatch', `${layer} takes [tokens, patches]: the sequence, and the grid of patches that it was made of.`);
}

/**
 * Adds to each token what says where it is: `[tokens, patches]`, of which `tokens` `[batch, prefix + rows·columns, dim]` is changed and
 * `patches` `[batch, rows, columns, dim]` tells the grid. What comes before the patches (a class token) has positions of its own.
 *
 * Called with images of another size, the table is resized by cubic interpolation exactly as DINO does it.
 *
 * Weights: `positions` `[1, prefix + rows·columns, dim]`, not trainable for `sin-cos`.
 *
 * @throws LayersError `invalid-option`; `shape-mismatch` for tokens that are not the patches', or a dim that 4 does not divide with `sin-cos`
 * @see Dosovitskiy et al. 2020, https://arxiv.org/abs/2010.11929; facebookresearch/dino `vision_transformer.py`; facebookresearch/mae `util/pos_embed.py`
 */
export function positionEmbedding(options: PositionEmbeddingOptions): layers.Layer {
  return new PositionEmbedding(options);
}
