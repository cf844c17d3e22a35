import { colorJitter, compose, gaussianBlur, oneOf, posterize, randomFlip, randomResizedCrop, solarize, viewPipeline, withProbability } from '@selfsup/augment';
import { expect, test } from 'vitest';
import { wrap } from './caption.ts';
import { namesInWords, paramsInWords, recipeInWords } from './words.ts';

const pipeline = viewPipeline({
  size: 8,
  ops: [
    randomResizedCrop({ size: 8, scale: [0.08, 1] }),
    withProbability(0.5, randomFlip({ probability: 1 })),
    withProbability(0.8, colorJitter({ brightness: 0.4, hue: [0, 0.1] })),
    withProbability(0.3, oneOf([gaussianBlur({ sigma: [0.5, 2] }), compose([solarize({ threshold: 0.25 }), posterize({ bits: 4 })])])),
    { name: 'mine', options: { strength: 2 }, sample: () => ({ shift: [1.23456, -2] }), apply: (image) => image },
  ],
});

test('what was drawn, op by op, through ops that are made of ops', () => {
  const params = [
    { op: 'randomResizedCrop', params: { top: 3, left: 7, height: 20, width: 18 } },
    { op: 'randomFlip', params: {} },
    { op: 'colorJitter', params: [{ adjust: 'hue', by: -0.05 }, { adjust: 'brightness', by: 1.23456 }] },
    { op: 'oneOf', params: [{ op: 1, params: [{ op: 0, params: { threshold: 0.25 } }, { op: 1, params: { bits: 4 } }] }] },
    { op: 'mine', params: { shift: [1.23456, -2] } },
  ];
  expect(paramsInWords(pipeline, params)).toEqual([
    'crop 20×18 at row 3, col 7', 'flip', 'hue –18°', 'brightness ×1.23', 'solarize from 0.25', 'posterize bits 4', 'mine shift 1.23 -2',
  ]);
  const blurred = params.map((entry) => (entry.op === 'oneOf' ? { op: 'oneOf', params: [{ op: 0, params: { sigma: 1.5, kernelSize: 3 } }] } : { ...entry, params: null }));
  expect(paramsInWords(pipeline, blurred)).toEqual(['blur σ 1.5 px']);
});

test('what may be drawn', () => {
  expect(recipeInWords(pipeline)).toEqual([
    'crop 8–100 % of the area (bilinear)',
    'flip 50 %',
    'jitter 80 % (brightness 0.4, hue 0 0.1)',
    'oneOf 30 % [blur (σ 0.5–2 px), compose [solarize (from 0.25), posterize bits 4]]',
    'mine strength 2',
  ]);
  expect([namesInWords(['a', 'b']), namesInWords(['local1', 'local2', 'local3', 'local4'])]).toEqual(['a, b', 'local1 … local4']);
});

test('lines break between parts where they can', () => {
  expect(wrap(['blur σ 1.2 px', 'flip', 'gray'], 20)).toEqual(['blur σ 1.2 px · flip', 'gray']);
  expect(wrap(['one two three', 'averyverylongword'], 9)).toEqual(['one two', 'three', 'averyvery', 'longword']);
  for (const width of [3, 7, 12, 40]) for (const line of wrap(recipeInWords(pipeline), width)) expect([...line].length).toBeLessThanOrEqual(width);
});
