// oxlint-disable-next-line import/no-unassigned-import -- registers the backend
import '@tensorflow/tfjs-backend-cpu';
import { mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { memory, randomNormal, ready, setBackend } from '@tensorflow/tfjs-core';
import type { Tensor } from '@tensorflow/tfjs-core';
import { input, layers, model } from '@tensorflow/tfjs-layers';
import type { LayersModel, SymbolicTensor } from '@tensorflow/tfjs-layers';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { applyWeights, collectWeights, decodeSafetensors, encodeSafetensors, resnet18, smallResNet } from '@selfsup/backbones';
import type { Float32Values } from '@selfsup/backbones';
import { exportWeights, importWeights } from '@selfsup/backbones/node';

let folder: string;
beforeAll(async () => {
  await setBackend('cpu');
  await ready();
  folder = await mkdtemp(join(tmpdir(), 'weights-'));
});
afterAll(() => rm(folder, { recursive: true }));

const spec = smallResNet({ width: 4 });
const build = (seed: number): LayersModel => spec.build([8, 8, 3], seed);

function features(net: LayersModel): number[] {
  const images = randomNormal([2, 8, 8, 3], 0, 1, 'float32', 3);
  return [...(net.apply(images, { training: false }) as Tensor).dataSync()];
}

/** A file of a network's weights, with some changed, added or (null) taken out. */
async function fileOf(net: LayersModel, changes: Readonly<Record<string, Float32Values | null>> = {}): Promise<ReturnType<typeof decodeSafetensors>> {
  const weights = new Map(await collectWeights(net));
  for (const [name, value] of Object.entries(changes)) {
    if (value) weights.set(name, value);
    else weights.delete(name);
  }
  return decodeSafetensors(encodeSafetensors(weights));
}

const zeros = (...shape: number[]): Float32Values => ({ shape, data: new Float32Array(shape.reduce((a, b) => a * b, 1)) });

describe('importWeights', () => {
  it('gives a model the weights that exportWeights wrote, running statistics too', async () => {
    const path = join(folder, 'whole.safetensors');
    const [from, to] = [build(1), build(2)];
    from.apply(randomNormal([4, 8, 8, 3], 1, 2, 'float32', 1), { training: true });
    expect(features(to)).not.toEqual(features(from));
    await exportWeights(from, path);
    const tensors = memory().numTensors;
    const report = await importWeights(to, path);
    expect(memory().numTensors).toBe(tensors);
    expect(features(to)).toEqual(features(from));
    expect(report.loaded).toHaveLength(from.weights.length);
    expect(report).toMatchObject({ ignored: [], kept: [] });
    expect(await readdir(folder)).toEqual(['whole.safetensors']);
    from.dispose();
    to.dispose();
  });

  it('reads half the bits: BF16, the upper half of a float32', async () => {
    const path = join(folder, 'half.safetensors');
    const [from, to] = [build(1), build(2)];
    const parts: Buffer[] = [];
    const header: Record<string, unknown> = {};
    let at = 0;
    for (const [name, { shape, data }] of await collectWeights(from)) {
      const halves = Uint16Array.from(new Uint32Array(data.buffer), (bits) => bits >>> 16);
      header[name] = { dtype: 'BF16', shape, data_offsets: [at, (at += halves.byteLength)] };
      parts.push(Buffer.from(halves.buffer));
    }
    const text = Buffer.from(JSON.stringify(header));
    const length = Buffer.alloc(8);
    length.writeBigUInt64LE(BigInt(text.length));
    await writeFile(path, Buffer.concat([length, text, ...parts]));
    await importWeights(to, path);
    for (const [i, weight] of from.getWeights().entries()) {
      const cut = Uint32Array.from(new Uint32Array((weight.dataSync() as Float32Array).slice().buffer), (bits) => (bits >>> 16) << 16);
      expect(to.getWeights()[i]!.dataSync()).toEqual(new Float32Array(cut.buffer));
    }
    await rm(path);
    from.dispose();
    to.dispose();
  });

  it('answers a NetSpec whose networks start from the file', async () => {
    const path = join(folder, 'start.safetensors');
    const from = build(1);
    await exportWeights(from, path);
    const started = await importWeights(spec, path);
    expect(started.name).toBe(spec.name);
    const nets = [5, 6].map((seed) => started.build([8, 8, 3], seed));
    for (const net of [from, ...nets]) expect(features(net)).toEqual(features(from));
    nets[0]!.setWeights(nets[0]!.getWeights().map((weight) => randomNormal(weight.shape, 0, 1, 'float32', 1)));
    expect(features(nets[1]!)).toEqual(features(from));
    for (const net of [from, ...nets]) net.dispose();
    const tensors = memory().numTensors;
    expect(() => started.build([8, 8, 1], 1)).toThrow('conv1.weight is [4, 3, 3, 3] there and [4, 1, 3, 3] here');
    expect(memory().numTensors).toBe(tensors);
  });

  it('explains a file that is not there, and one that is none', async () => {
    await expect(importWeights(spec, join(folder, 'none'))).rejects.toMatchObject({ code: 'unreadable-weights', message: expect.stringMatching(/none \(ENOENT.*give the path/) as string });
    await writeFile(join(folder, 'text'), 'not a safetensors file');
    await expect(importWeights(spec, join(folder, 'text'))).rejects.toMatchObject({ code: 'invalid-safetensors' });
    const net = build(1);
    await expect(exportWeights(net, join(folder, 'text', 'below'))).rejects.toMatchObject({ code: 'output-not-writable' });
    net.dispose();
  });
});

describe('applyWeights', () => {
  it('is lenient on heads and on what PyTorch counts', async () => {
    const net = build(1);
    const report = applyWeights(net, await fileOf(net, { 'fc.weight': zeros(10, 16), 'fc.bias': zeros(10), 'bn1.num_batches_tracked': zeros() }));
    expect(report.ignored).toEqual(['fc.weight', 'fc.bias', 'bn1.num_batches_tracked']);
    net.dispose();
  });

  it('keeps a head of another size', async () => {
    const classifier = (classes: number): LayersModel => {
      const x = input({ shape: [3] });
      const hidden = layers.dense({ name: 'hidden', units: 4 }).apply(x) as SymbolicTensor;
      return model({ inputs: x, outputs: layers.dense({ name: 'fc', units: classes }).apply(hidden) as SymbolicTensor });
    };
    const [from, to] = [classifier(5), classifier(2)];
    expect(applyWeights(to, await fileOf(from))).toEqual({ loaded: ['hidden.weight', 'hidden.bias'], ignored: [], kept: ['fc.weight', 'fc.bias'] });
    expect(to.getWeights()[0]!.dataSync()).toEqual(from.getWeights()[0]!.dataSync());
  });

  it('is strict on the rest, names every difference and changes nothing', async () => {
    const net = build(1);
    const before = features(net);
    const changed = { 'conv1.weight': zeros(4, 3, 3, 1), 'bn1.bias': null, 'layer9.conv.weight': zeros(1), 'layer1.0.bn1.weight': zeros(4) };
    const attempt = async (): Promise<unknown> => applyWeights(net, await fileOf(net, changed));
    await expect(attempt()).rejects.toMatchObject({ code: 'weight-mismatch' });
    await expect(attempt()).rejects.toThrow(
      'do not fit small-resnet-8-w4: conv1.weight is [4, 3, 3, 1] there and [4, 3, 3, 3] here; bn1.bias [4] is missing; layer9.conv.weight has no place here; build',
    );
    expect(features(net)).toEqual(before);
    const other = resnet18({ width: 1 / 16, stem: 'cifar' }).build([8, 8, 3], 1);
    const all = await fileOf(other);
    expect(() => applyWeights(net, all)).toThrow(/; and \d+ more; build/);
    net.dispose();
    other.dispose();
  });

  it('reads below a prefix', async () => {
    const [from, to] = [build(1), build(2)];
    const prefixed = [...(await collectWeights(from))].map(([name, value]) => [`module.encoder.${name}`, value] as const);
    const file = decodeSafetensors(encodeSafetensors(new Map([...prefixed, ['module.predictor.0.weight', zeros(2, 2)], ['module.encoder.fc.0.weight', zeros(2, 2)]])));
    expect(applyWeights(to, file, { prefix: 'module.encoder.' }).ignored).toEqual(['module.encoder.fc.0.weight']);
    expect(features(to)).toEqual(features(from));
    from.dispose();
    to.dispose();
  });
});

describe('exportWeights', () => {
  it("writes PyTorch's names, shapes and order of values", async () => {
    const net = build(1);
    const path = join(folder, 'layout.safetensors');
    await exportWeights(net, path, { names: 'timm' });
    const { tensors, metadata } = decodeSafetensors(await readFile(path));
    expect(metadata).toEqual({ format: 'pt' });
    const kernel = tensors.get('layer2.0.downsample.0.weight')!;
    expect(kernel.shape).toEqual([8, 4, 1, 1]);
    const own = net.getLayer('layer2.0.downsample.0').getWeights()[0]!.arraySync() as number[][][][];
    expect(kernel.toFloat32()[5 * 4 + 2]).toBe(own[0]![0]![2]![5]);
    expect(tensors.has('bn1.running_var')).toBe(true);
    net.dispose();
  });

  it('refuses a model that has two weights of one name', async () => {
    const part = (name: string): LayersModel => {
      const x = input({ shape: [2] });
      return model({ name, inputs: x, outputs: layers.dense({ name: 'fc', units: 2 }).apply(x) as SymbolicTensor });
    };
    const x = input({ shape: [2] });
    const net = model({ inputs: x, outputs: part('b').apply(part('a').apply(x)) as SymbolicTensor });
    await expect(collectWeights(net)).rejects.toThrow(/two weights that PyTorch would call fc\.weight/);
  });
});
