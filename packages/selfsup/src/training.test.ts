import { smallResNet } from '@selfsup/backbones';
import { beforeAll, expect, test } from 'vitest';
import { selectBackend } from './backends/select.ts';
import { openData } from './data.ts';
import { resolveData } from './data-settings.ts';
import { findPreset } from './registry.ts';
import { prepareTraining } from './training.ts';

beforeAll(() => selectBackend({ backend: 'wasm', threads: 1 }));

test('views have a side of their own where one is given', async () => {
  const data = await openData(resolveData({ data: 'embedded' }, 0));
  const choice = { preset: findPreset('simsiam', 'small'), origin: { recipe: 'simsiam', preset: 'small' }, epochs: 1, batchSize: 2 };
  const common = { encoder: smallResNet({ width: 2, stages: 2 }), data, size: 28, seed: 0, shuffleBuffer: undefined, workers: 0, onError: 'fail', onSkipped: () => {} } as const;
  for (const [viewSize, side] of [[24, 24], [undefined, 28]] as const) {
    const { batches, methodInput } = await prepareTraining(choice, { ...common, ...(viewSize ? { viewSize } : {}) });
    try {
      for await (const { views } of batches.epoch(0)) {
        expect(Object.values(views).map(({ shape }) => shape)).toEqual([[2, side, side, 1], [2, side, side, 1]]);
        break;
      }
    } finally {
      await batches.close();
    }
    expect(methodInput.inputShape).toEqual([28, 28, 1]);
  }
});
