// oxlint-disable-next-line import/no-unassigned-import -- registers the backend
import '@tensorflow/tfjs-backend-cpu';
import { ready, setBackend } from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { applyWeights, collectWeights, convNextTiny, decodeSafetensors, encodeSafetensors, mobileNetV2, resnet50, torchWeights, visionTransformer } from '@selfsup/backbones';

beforeAll(async () => {
  await setBackend('cpu');
  await ready();
});

const vit = visionTransformer({ dim: 8, depth: 2, heads: 2, patch: 4 });

describe('names of timm', () => {
  it.each([
    [
      vit,
      8,
      {
        class_token: 'cls_token',
        'encoder.pos_embedding': 'pos_embed',
        'conv_proj.weight': 'patch_embed.proj.weight',
        'encoder.layers.encoder_layer_1.ln_1.weight': 'blocks.1.norm1.weight',
        'encoder.layers.encoder_layer_1.self_attention.in_proj_weight': 'blocks.1.attn.qkv.weight',
        'encoder.layers.encoder_layer_1.self_attention.in_proj_bias': 'blocks.1.attn.qkv.bias',
        'encoder.layers.encoder_layer_1.self_attention.out_proj.weight': 'blocks.1.attn.proj.weight',
        'encoder.layers.encoder_layer_0.mlp.0.bias': 'blocks.0.mlp.fc1.bias',
        'encoder.layers.encoder_layer_0.mlp.3.weight': 'blocks.0.mlp.fc2.weight',
        'encoder.ln.bias': 'norm.bias',
      },
    ],
    [
      convNextTiny({ width: 1 / 24 }),
      32,
      {
        'features.0.0.weight': 'stem.0.weight',
        'features.0.1.bias': 'stem.1.bias',
        'features.1.2.block.0.weight': 'stages.0.blocks.2.conv_dw.weight',
        'features.1.2.layer_scale': 'stages.0.blocks.2.gamma',
        'features.2.0.weight': 'stages.1.downsample.0.weight',
        'features.6.1.bias': 'stages.3.downsample.1.bias',
        'features.5.8.block.2.bias': 'stages.2.blocks.8.norm.bias',
        'features.5.8.block.3.weight': 'stages.2.blocks.8.mlp.fc1.weight',
        'features.7.0.block.5.bias': 'stages.3.blocks.0.mlp.fc2.bias',
        'classifier.0.weight': 'head.norm.weight',
      },
    ],
    [
      mobileNetV2({ width: 0.1 }),
      32,
      {
        'features.0.0.weight': 'conv_stem.weight',
        'features.0.1.running_mean': 'bn1.running_mean',
        'features.1.conv.0.0.weight': 'blocks.0.0.conv_dw.weight',
        'features.1.conv.0.1.bias': 'blocks.0.0.bn1.bias',
        'features.1.conv.1.weight': 'blocks.0.0.conv_pw.weight',
        'features.1.conv.2.weight': 'blocks.0.0.bn2.weight',
        'features.2.conv.0.0.weight': 'blocks.1.0.conv_pw.weight',
        'features.10.conv.1.0.weight': 'blocks.3.3.conv_dw.weight',
        'features.11.conv.2.weight': 'blocks.4.0.conv_pwl.weight',
        'features.17.conv.3.running_var': 'blocks.6.0.bn3.running_var',
        'features.18.0.weight': 'conv_head.weight',
        'features.18.1.weight': 'bn2.weight',
      },
    ],
    [resnet50({ width: 1 / 64 }), 32, { 'layer4.0.downsample.0.weight': 'layer4.0.downsample.0.weight' }],
  ])('of $name, which are read back', async (spec, size, expected) => {
    const [net, other] = [spec.build([size, size, 3], 1), spec.build([size, size, 3], 2)];
    const names = torchWeights(net).map(({ name }) => name);
    const theirs = await collectWeights(net, { names: 'timm' });
    expect(new Set(theirs.keys()).size).toBe(names.length);
    const inOrder = [...theirs.keys()];
    for (const [torchvision, timm] of Object.entries(expected)) expect(inOrder[names.indexOf(torchvision)]).toBe(timm);
    for (const [name, { shape }] of theirs) if (name.endsWith('gamma')) expect(shape).toHaveLength(1);
    expect(applyWeights(other, decodeSafetensors(encodeSafetensors(theirs))).loaded).toHaveLength(names.length);
    for (const [i, weight] of net.getWeights().entries()) expect(other.getWeights()[i]!.dataSync()).toEqual(weight.dataSync());
    net.dispose();
    other.dispose();
  });

  it('has a layer normalisation before the head of ConvNeXt that is no head', async () => {
    const net = convNextTiny({ width: 1 / 96 }).build([32, 32, 3], 1);
    for (const [names, norm] of [['torchvision', 'classifier.0.weight'], ['timm', 'head.norm.weight']] as const) {
      const without = new Map([...(await collectWeights(net, { names }))].filter(([name]) => name !== norm));
      expect(() => applyWeights(net, decodeSafetensors(encodeSafetensors(without)))).toThrow('classifier.0.weight [8] is missing');
    }
    net.dispose();
  });
});
