// oxlint-disable-next-line import/no-unassigned-import -- registers the backend
import '@tensorflow/tfjs-backend-cpu';
import { ready, setBackend } from '@tensorflow/tfjs-core';
import { layers } from '@tensorflow/tfjs-layers';
import { beforeAll, describe, expect, it } from 'vitest';
import {
  convNextTiny,
  mobileNetV2,
  resnet101,
  resnet152,
  resnet18,
  resnet200,
  resnet34,
  resnet50,
  summarize,
  vitBase,
  vitSmall,
  vitTiny,
  wideResNet,
  wideResNet50x2,
  wideResNet101x2,
} from '@selfsup/backbones';
import type { ModelSummary } from '@selfsup/backbones';

beforeAll(async () => {
  await setBackend('cpu');
  await ready();
  // Sizes do not depend on values, and drawing half a billion of them takes a minute: tfjs's own switch makes them zeros.
  Object.defineProperty(layers.Layer.prototype, 'fastWeightInitDuringBuild', { get: () => true, set: () => {} });
});

function summaryOf(spec: ReturnType<typeof resnet18>, size: number): ModelSummary {
  const net = spec.build([size, size, 3], 1);
  const summary = summarize(net);
  net.dispose();
  return summary;
}

describe('published sizes', () => {
  it.each([
    // torchvision's `num_params` and GFLOPS (of multiply-accumulates), both with a classifier of 1,000 classes
    ['resnet18', resnet18(), 224, 1000, 11_689_512, '1.814'],
    ['resnet34', resnet34(), 224, 1000, 21_797_672, '3.664'],
    ['resnet50', resnet50(), 224, 1000, 25_557_032, '4.089'],
    ['resnet101', resnet101(), 224, 1000, 44_549_160, '7.801'],
    ['resnet152', resnet152(), 224, 1000, 60_192_808, '11.514'],
    ['wide_resnet50_2', wideResNet50x2(), 224, 1000, 68_883_240, '11.398'],
    ['wide_resnet101_2', wideResNet101x2(), 224, 1000, 126_886_696, '22.753'],
    ['convnext_tiny', convNextTiny(), 224, 1000, 28_589_128, '4.456'],
    ['mobilenet_v2', mobileNetV2(), 224, 1000, 3_504_872, '0.301'],
    ['vit_b_16', vitBase(), 224, 1000, 86_567_656, '17.564'],
    ['vit_b_32', vitBase({ patch: 32 }), 224, 1000, 88_224_232, '4.409'],
    // DeiT-Ti and DeiT-S: timm's counts, the papers' GFLOPS
    ['vit_ti_16', vitTiny(), 224, 1000, 5_717_416, '1.3'],
    ['vit_s_16', vitSmall(), 224, 1000, 22_050_664, '4.6'],
    // the paper's 36.5M for 10 classes, and 1,467,610 as counted by papers on semi-supervised learning
    ['wrn-28-10', wideResNet(), 32, 10, 36_479_194, undefined],
    ['wrn-28-2', wideResNet({ width: 2 }), 32, 10, 1_467_610, undefined],
    // torchvision's ResNet class, given Bottleneck and [3, 24, 36, 3]
    ['resnet200', resnet200(), 224, 1000, 64_673_832, undefined],
  ] as const)('%s', (_, spec, size, classes, parameters, giga) => {
    const summary = summaryOf(spec, size);
    const [dim] = summary.outputShape;
    expect(summary.parameters + dim! * classes + classes).toBe(parameters);
    const decimals = giga?.split('.')[1]!.length;
    if (giga !== undefined) expect(((summary.macs + dim! * classes) / 1e9).toFixed(decimals)).toBe(giga);
  });

  // Grill et al. 2020, table 1: millions of parameters of the encoder
  it.each([
    ['resnet50', resnet50(), 24],
    ['resnet50 (2×)', resnet50({ width: 2 }), 94],
    ['resnet50 (4×)', resnet50({ width: 4 }), 375],
    ['resnet200 (2×)', resnet200({ width: 2 }), 250],
  ])('%s of BYOL', (_, spec, millions) => {
    expect(Math.round(summaryOf(spec, 224).parameters / 1e6)).toBe(millions);
  });
});
