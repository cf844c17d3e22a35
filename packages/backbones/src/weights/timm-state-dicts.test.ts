// oxlint-disable-next-line import/no-unassigned-import -- registers the backend
import '@tensorflow/tfjs-backend-cpu';
import { ready, setBackend } from '@tensorflow/tfjs-core';
import type { NetSpec } from '@selfsup/layers';
import { beforeAll, describe, expect, it } from 'vitest';
import { applyWeights, collectWeights, convNextTiny, decodeSafetensors, encodeSafetensors, mobileNetV2, resnet50, vitTiny } from '@selfsup/backbones';
import type { Float32Values } from '@selfsup/backbones';

// Whole state_dicts of timm 1.0, names and shapes, written down from its modules: vision_transformer.py, convnext.py, mobilenetv2_100 of
// efficientnet.py with _efficientnet_blocks.py, resnet.py.

beforeAll(async () => {
  await setBackend('cpu');
  await ready();
});

type Shapes = Readonly<Record<string, readonly number[]>>;

const within = (module: string, shapes: Shapes): Shapes => Object.fromEntries(Object.entries(shapes).map(([name, shape]) => [`${module}.${name}`, shape]));
const conv = (out: number, into: number, size: number, bias = false): Shapes => ({ weight: [out, into, size, size], ...(bias ? { bias: [out] } : {}) });
const linear = (out: number, into: number): Shapes => ({ weight: [out, into], bias: [out] });
const affine = (dim: number): Shapes => ({ weight: [dim], bias: [dim] });
const batchNorm = (dim: number): Shapes => ({ ...affine(dim), running_mean: [dim], running_var: [dim], num_batches_tracked: [] });
const mlp = (dim: number): Shapes => ({ ...within('fc1', linear(4 * dim, dim)), ...within('fc2', linear(dim, 4 * dim)) });
const all = (parts: readonly Shapes[]): Shapes => Object.assign({}, ...parts) as Shapes;
const times = (count: number, part: (index: number) => Shapes): Shapes => all(Array.from({ length: count }, (_, index) => part(index)));

/** vit_tiny_patch16_224 */
const vit = (dim: number): Shapes => ({
  cls_token: [1, 1, dim],
  pos_embed: [1, 197, dim],
  ...within('patch_embed.proj', conv(dim, 3, 16, true)),
  ...times(12, (block) =>
    within(`blocks.${block}`, {
      ...within('norm1', affine(dim)),
      ...within('attn.qkv', linear(3 * dim, dim)),
      ...within('attn.proj', linear(dim, dim)),
      ...within('norm2', affine(dim)),
      ...within('mlp', mlp(dim)),
    })),
  ...within('norm', affine(dim)),
  ...within('head', linear(1000, dim)),
});

/** convnext_tiny */
const convNext = (first: number): Shapes => ({
  ...within('stem.0', conv(first, 3, 4, true)),
  ...within('stem.1', affine(first)),
  ...all([3, 3, 9, 3].map((depth, stage) => {
    const dim = first * 2 ** stage;
    const shrink = { ...within('downsample.0', affine(dim / 2)), ...within('downsample.1', conv(dim, dim / 2, 2, true)) };
    const block: Shapes = { gamma: [dim], ...within('conv_dw', conv(dim, 1, 7, true)), ...within('norm', affine(dim)), ...within('mlp', mlp(dim)) };
    return within(`stages.${stage}`, { ...(stage > 0 ? shrink : {}), ...times(depth, (index) => within(`blocks.${index}`, block)) });
  })),
  ...within('head.norm', affine(8 * first)),
  ...within('head.fc', linear(1000, 8 * first)),
});

/** mobilenetv2_100: expansion, channels and blocks of each stage. */
const mobileNet = (): Shapes => {
  let into = 32;
  const stages = [[1, 16, 1], [6, 24, 2], [6, 32, 3], [6, 64, 4], [6, 96, 3], [6, 160, 3], [6, 320, 1]] as const;
  return {
    ...within('conv_stem', conv(32, 3, 3)),
    ...within('bn1', batchNorm(32)),
    ...all(stages.map(([expansion, out, blocks], stage) =>
      times(blocks, (index) => {
        const inner = expansion * into;
        const filtered = { ...within('conv_dw', conv(inner, 1, 3)), ...within('bn1', batchNorm(inner)) };
        const separable = { ...filtered, ...within('conv_pw', conv(out, inner, 1)), ...within('bn2', batchNorm(out)) };
        const inverted = {
          ...within('conv_pw', conv(inner, into, 1)),
          ...within('bn1', batchNorm(inner)),
          ...within('conv_dw', conv(inner, 1, 3)),
          ...within('bn2', batchNorm(inner)),
          ...within('conv_pwl', conv(out, inner, 1)),
          ...within('bn3', batchNorm(out)),
        };
        into = out;
        return within(`blocks.${stage}.${index}`, expansion === 1 ? separable : inverted);
      }))),
    ...within('conv_head', conv(1280, 320, 1)),
    ...within('bn2', batchNorm(1280)),
    ...within('classifier', linear(1000, 1280)),
  };
};

/** resnet50, `width` channels in the stem */
const resNet = (width: number): Shapes => {
  let into = width;
  return {
    ...within('conv1', conv(width, 3, 7)),
    ...within('bn1', batchNorm(width)),
    ...all([3, 4, 6, 3].map((blocks, stage) =>
      times(blocks, (index) => {
        const inner = width * 2 ** stage;
        const shapes = {
          ...within('conv1', conv(inner, into, 1)),
          ...within('bn1', batchNorm(inner)),
          ...within('conv2', conv(inner, inner, 3)),
          ...within('bn2', batchNorm(inner)),
          ...within('conv3', conv(4 * inner, inner, 1)),
          ...within('bn3', batchNorm(4 * inner)),
          ...(index === 0 ? { ...within('downsample.0', conv(4 * inner, into, 1)), ...within('downsample.1', batchNorm(4 * inner)) } : {}),
        };
        into = 4 * inner;
        return within(`layer${stage + 1}.${index}`, shapes);
      }))),
    ...within('fc', linear(1000, 32 * width)),
  };
};

const networks: readonly [string, NetSpec, Shapes][] = [
  ['vit_tiny_patch16_224', vitTiny(), vit(192)],
  ['convnext_tiny, narrow', convNextTiny({ width: 1 / 8 }), convNext(12)],
  ['mobilenetv2_100', mobileNetV2(), mobileNet()],
  ['resnet50, narrow', resnet50({ width: 1 / 8 }), resNet(8)],
];

const isHead = (name: string): boolean => /^(fc|classifier|head|head\.fc)\.(weight|bias)$/.test(name);

describe('the state_dict of timm’s', () => {
  it.each(networks)('%s is read whole, and comes back as it was', async (_, spec, shapes) => {
    const net = spec.build([224, 224, 3], 1);
    let count = 0;
    const values = (shape: readonly number[]): Float32Values => ({ shape, data: Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, () => Math.sin(count++)) });
    const file = new Map(Object.entries(shapes).map(([name, shape]) => [name, values(shape)]));
    const { ignored, kept } = applyWeights(net, decodeSafetensors(encodeSafetensors(file)));
    const extra = [...file.keys()].filter((name) => isHead(name) || name.endsWith('num_batches_tracked'));
    expect([...ignored].toSorted()).toEqual(extra.toSorted());
    expect(kept).toEqual([]);
    for (const name of extra) file.delete(name);
    const written = await collectWeights(net, { names: 'timm' });
    expect([...written.keys()].toSorted()).toEqual([...file.keys()].toSorted());
    for (const [name, { shape, data }] of file) {
      expect(written.get(name)!.shape, name).toEqual(shape);
      expect(Buffer.compare(Buffer.from(written.get(name)!.data.buffer), Buffer.from(data.buffer)), name).toBe(0);
    }
    net.dispose();
  });
});
