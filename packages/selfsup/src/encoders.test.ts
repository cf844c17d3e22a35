import { expect, test } from 'vitest';
import { callOf, encoderNames, findEncoder, paperSize } from './encoders.ts';
import { resolveSettings } from './settings.ts';

test('every encoder is found by its name, with the options that it takes', () => {
  for (const name of encoderNames) expect(findEncoder(name, {}).name).toMatch(/^(small-resnet|resnet|wide_resnet|wrn|convnext|mobilenet|vit)/);
  expect(findEncoder('resnet50', { width: 2, stem: 'cifar' }).name).toBe('resnet50x2-cifar');
  expect(findEncoder('vit_small', { patch: 8 }).name).toBe('vit_s_8');
  expect(findEncoder('small', { width: 8, stages: 4 }).name).toBe('small-resnet-10-w8');
  expect(findEncoder('small', { widths: [4, 8], block: 'bottleneck', stride: 2 }).name).toBe('small-resnet-8-w4-8-bottleneck-s2');
  expect(findEncoder('small', { poolTo: 2 }).name).toBe('small-resnet-8-w16-p2');
  expect(findEncoder('wrn28', { width: 2 }).name).toBe('wrn-28-2');
  expect(findEncoder('mobilenet_v2', { width: 0.5 }).name).toBe('mobilenet_v2x0.5');
  expect([paperSize('resnet50', {}), paperSize('resnet50', { stem: 'cifar' }), paperSize('wrn28', {})]).toEqual([224, 32, 32]);
});

test('the call that builds an encoder is that of its run, or none', () => {
  expect(callOf({ encoder: 'resnet18', width: 0.125, stem: 'cifar', epochs: 1 }, 'resnet18x0.125-cifar')).toBe("resnet18({ width: 0.125, stem: 'cifar' })");
  expect(callOf({ encoder: 'vit_small', patch: 8 }, 'vit_s_8')).toBe('vitSmall({ patch: 8 })');
  expect(callOf({ encoder: 'small', width: 32, stages: 4 }, 'small-resnet-10-w32')).toBe('smallResNet({ width: 32, stages: 4 })');
  expect(callOf({ encoder: 'small', init: 'torch' }, 'small-resnet-8-w16')).toBe("smallResNet({ init: 'torch' })");
  const wide = { encoder: 'small', widths: [16, 32, 256], block: 'bottleneck', stride: 2 };
  expect(callOf(wide, 'small-resnet-11-w16-32-256-bottleneck-s2')).toBe("smallResNet({ widths: [16, 32, 256], block: 'bottleneck', stride: 2 })");
  expect(callOf({ encoder: 'wide_resnet50_2' }, 'wide_resnet50_2')).toBe('wideResNet50x2()');
  for (const name of encoderNames) expect(callOf({ encoder: name }, findEncoder(name, {}).name)).toMatch(/^[a-z]\w+\(\)$/);
  // A network of a config file, another network in the folder, options that do not fit.
  expect(callOf({ encoder: 'mine' }, 'mine')).toBeUndefined();
  expect(callOf({}, 'mine')).toBeUndefined();
  expect(callOf({ encoder: 'resnet18' }, 'resnet18-cifar')).toBeUndefined();
  expect(callOf({ encoder: 'resnet18', width: 0.3 }, 'resnet18')).toBeUndefined();
});

test('an option that an encoder has not, or a value that it cannot have, is refused', () => {
  expect(() => findEncoder('convnext_tiny', { stem: 'cifar' })).toThrow('The encoder "convnext_tiny" has no --stem; it takes --width.');
  expect(() => findEncoder('resnet18', { poolTo: 2 })).toThrow('The encoder "resnet18" has no --pool-to; it takes --width and --stem.');
  expect(() => findEncoder('wrn28', { stages: 2 })).toThrow('The encoder "wrn28" has no --stages; it takes --width.');
  expect(() => findEncoder('resnet18', { init: 'torch' })).toThrow('The encoder "resnet18" has no --init; it takes --width and --stem.');
  expect(() => findEncoder('small', { init: 'zeros' })).toThrow('The init "zeros" is not known; choose he or torch.');
  expect(() => findEncoder('small', { block: 'wide' })).toThrow('The block "wide" is not known; choose basic or bottleneck.');
  expect(() => findEncoder('small', { width: 8, widths: [8] })).toThrow('give either the list or the two numbers');
  expect(() => findEncoder('vit_base', { width: 2 })).toThrow('it takes --patch');
  expect(() => findEncoder('toString', {})).toThrow('There is no encoder "toString"');
  expect(() => findEncoder('resnet18', { width: 0.3 })).toThrow('width is 0.3; it takes a positive multiple of 1/64');
});

test('the settings of a training name the encoder, whatever else they hold', () => {
  const { encoder, resolved } = resolveSettings({ recipe: 'simsiam', encoder: 'resnet18', stem: 'cifar', epochs: 2, seed: 1 });
  expect(encoder.name).toBe('resnet18-cifar');
  expect(resolved).toMatchObject({ encoder: 'resnet18', stem: 'cifar' });
  expect(resolveSettings({ recipe: 'simsiam', stages: 2 }).resolved).toMatchObject({ encoder: 'small', stages: 2 });
  // As the command line has them.
  const widths = resolveSettings({ recipe: 'simsiam', widths: '8,16,64', stride: '2', poolTo: '2' } as never);
  expect(widths.resolved).toMatchObject({ widths: [8, 16, 64], stride: 2, poolTo: 2 });
  expect(widths.encoder.name).toBe('small-resnet-8-w8-16-64-s2-p2');
  expect(() => resolveSettings({ recipe: 'simsiam', widths: '8,many' } as never)).toThrow('widths is "many", but it must be a whole number of at least 1');
  expect(resolveSettings({ recipe: 'simsiam', init: 'torch' }).resolved).toMatchObject({ encoder: 'small', init: 'torch' });
  expect(resolveSettings({ recipe: 'simsiam', encoder: 'vit_tiny', patch: 7 }).encoder.name).toBe('vit_ti_7');
});
