import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { smallResNet } from '@selfsup/backbones';
import { saveEncoder } from '@selfsup/train/node';
// oxlint-disable-next-line import/no-unassigned-import -- registers the backend
import '@tensorflow/tfjs-backend-cpu';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { selfsup } from './cli.ts';

let cwd: string;

beforeAll(async () => {
  cwd = await mkdtemp(join(tmpdir(), 'selfsup-info-'));
});
afterAll(() => rm(cwd, { recursive: true }));

test('selfsup info resnet18 prints the published numbers and what each stage has of them', async () => {
  const { code, stdout } = await selfsup(['info', 'resnet18'], { cwd });
  expect(code).toBe(0);
  const lines = stdout.split('\n').map((line) => line.trim().split(/ {2,}/));
  expect(stdout).toContain('resnet18 for images of 224×224×3');
  expect(lines).toContainEqual(['features', '512']);
  expect(lines).toContainEqual(['trainable parameters', '11,176,512']);
  // torchvision: 11,689,512 parameters, 1.81 GFLOPS
  expect(lines).toContainEqual(['and a linear classifier of 1,000 classes', '11,689,512']);
  expect(lines).toContainEqual(['and the classifier', '1.814 G']);
  expect(lines).toContainEqual(['other state', '9,600']);
  expect(lines).toContainEqual(['layer1', '56×56×64', '147,968', '462.422 M']);
});

test('selfsup info takes the options of the encoder, and answers JSON', async () => {
  const { code, stdout } = await selfsup(['info', 'vit_tiny', '--patch', '8', '--size', '32', '--channels', '1', '--json'], { cwd });
  expect(code).toBe(0);
  const record = JSON.parse(stdout) as { name: string; inputShape: number[]; outputShape: number[]; parameters: number; groups: { name: string }[] };
  expect(record).toMatchObject({ type: 'network', name: 'vit_ti_8', inputShape: [32, 32, 1], outputShape: [192] });
  const block = 4 * 192 + 4 * (192 * 192 + 192) + 2 * 4 * 192 * 192 + 5 * 192;
  expect(record.parameters).toBe(8 * 8 * 192 + 192 + 192 + 17 * 192 + 12 * block + 2 * 192);
  expect(record.groups.filter(({ name }) => name.startsWith('encoder.layers.'))).toHaveLength(12);
});

test('selfsup info reads an exported encoder', async () => {
  const net = smallResNet({ width: 4 }).build([28, 28, 1], 1);
  await saveEncoder(net, join(cwd, 'encoder'));
  await writeFile(join(cwd, 'encoder', 'preprocessing.json'), '{"size":28,"channels":1,"resizeShorter":null,"normalize":null}');
  const { code, stdout } = await selfsup(['info', 'encoder'], { cwd });
  expect(code).toBe(0);
  expect(stdout).toContain('small-resnet-8-w4 for images of 28×28×1');
  net.dispose();
});

test.each([
  ['no encoder', ['info'], /Say which encoder: small, resnet18/],
  ['an encoder that is not there', ['info', 'resnet19'], /There is no encoder "resnet19"/],
  ['images too small', ['info', 'resnet50', '--size', '3'], /The encoder cannot be built for views of 3×3 pixels: /],
  ['an option that the encoder has not', ['info', 'vit_tiny', '--stem', 'cifar'], /The encoder "vit_tiny" has no --stem; it takes --patch/],
  ['a patch that does not divide', ['info', 'vit_tiny', '--size', '100'], /patches of 16 pixels must divide/],
  ['options for an encoder that is built', ['info', 'encoder', '--width', '2'], /leave out --width/],
])('%s: one sentence', async (_, args, message) => {
  const { code, stderr } = await selfsup(args, { cwd });
  expect(code).toBe(2);
  expect(stderr.trim()).toMatch(message);
  expect(stderr.trim().split('\n')).toHaveLength(1);
});
