import { expect, test } from 'vitest';
import { encoderNames, findEncoder } from './encoders.ts';
import { resolveSettings } from './settings.ts';

test('every encoder is found by its name, with the options that it takes', () => {
  for (const name of encoderNames) expect(findEncoder(name, {}).spec.name).toMatch(/^(small-resnet|resnet|wide_resnet|wrn|convnext|mobilenet|vit)/);
  expect(findEncoder('resnet50', { width: 2, stem: 'cifar' })).toMatchObject({ spec: { name: 'resnet50x2-cifar' }, size: 32 });
  expect(findEncoder('vit_small', { patch: 8 })).toMatchObject({ spec: { name: 'vit_s_8' }, size: 224 });
  expect(findEncoder('wrn28', { width: 2 })).toMatchObject({ spec: { name: 'wrn-28-2' }, size: 32 });
  expect(findEncoder('mobilenet_v2', { width: 0.5 }).spec.name).toBe('mobilenet_v2x0.5');
});

test('an option that an encoder has not is a wrong call', () => {
  expect(() => findEncoder('convnext_tiny', { stem: 'cifar' })).toThrow('convnext_tiny has no option --stem; it takes --width.');
  expect(() => findEncoder('vit_base', { width: 2 })).toThrow('it takes --patch');
  expect(() => findEncoder('toString', {})).toThrow('There is no encoder "toString"');
});

test('the settings of a training name the encoder, whatever else they hold', () => {
  const { encoder, resolved } = resolveSettings({ recipe: 'simsiam', encoder: 'resnet18', stem: 'cifar', epochs: 2, seed: 1 });
  expect(encoder.name).toBe('resnet18-cifar');
  expect(resolved['encoder']).toBe('resnet18-cifar');
});
