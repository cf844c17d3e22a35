import { expect, test } from 'vitest';
import { encoderNames, findEncoder, paperSize } from './encoders.ts';
import { resolveSettings } from './settings.ts';

test('every encoder is found by its name, with the options that it takes', () => {
  for (const name of encoderNames) expect(findEncoder(name, {}).name).toMatch(/^(small-resnet|resnet|wide_resnet|wrn|convnext|mobilenet|vit)/);
  expect(findEncoder('resnet50', { width: 2, stem: 'cifar' }).name).toBe('resnet50x2-cifar');
  expect(findEncoder('vit_small', { patch: 8 }).name).toBe('vit_s_8');
  expect(findEncoder('wrn28', { width: 2 }).name).toBe('wrn-28-2');
  expect(findEncoder('mobilenet_v2', { width: 0.5 }).name).toBe('mobilenet_v2x0.5');
  expect([paperSize('resnet50', {}), paperSize('resnet50', { stem: 'cifar' }), paperSize('wrn28', {})]).toEqual([224, 32, 32]);
});

test('an option that an encoder has not, or a value that it cannot have, is refused', () => {
  expect(() => findEncoder('convnext_tiny', { stem: 'cifar' })).toThrow('The encoder "convnext_tiny" has no --stem; it takes --width.');
  expect(() => findEncoder('vit_base', { width: 2 })).toThrow('it takes --patch');
  expect(() => findEncoder('toString', {})).toThrow('There is no encoder "toString"');
  expect(() => findEncoder('resnet18', { width: 0.3 })).toThrow('width is 0.3; it takes a positive multiple of 1/64');
});

test('the settings of a training name the encoder, whatever else they hold', () => {
  const { encoder, resolved } = resolveSettings({ recipe: 'simsiam', encoder: 'resnet18', stem: 'cifar', epochs: 2, seed: 1 });
  expect(encoder.name).toBe('resnet18-cifar');
  expect(resolved).toMatchObject({ encoder: 'resnet18', stem: 'cifar' });
  expect(resolveSettings({ recipe: 'simsiam', encoder: 'vit_tiny', patch: 7 }).encoder.name).toBe('vit_ti_7');
});
