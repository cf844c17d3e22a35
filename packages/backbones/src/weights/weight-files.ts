import { randomUUID } from 'node:crypto';
import { readFile, rename, rm, writeFile } from 'node:fs/promises';
import type { NetSpec } from '@selfsup/layers';
import { LayersModel } from '@tensorflow/tfjs-layers';
import { BackbonesError } from '../error.ts';
import { applyWeights } from './apply-weights.ts';
import type { ImportOptions, ImportReport } from './apply-weights.ts';
import { collectWeights } from './collect-weights.ts';
import type { ExportOptions } from './collect-weights.ts';
import { decodeSafetensors, encodeSafetensors } from './safetensors.ts';
import type { SafetensorsFile } from './safetensors.ts';

/**
 * Reads PyTorch's weights from a safetensors file, as `applyWeights` does.
 *
 * A model gets them at once, and the answer says what became of them. For a `NetSpec` the answer is a `NetSpec` whose networks
 * start from them, so that a training can start where another ended: `byol({ encoder: await importWeights(resnet50(), path), … })`.
 *
 * @throws BackbonesError `unreadable-weights` when the file cannot be read; `invalid-safetensors`; `weight-mismatch`, for a
 * `NetSpec` from `build`
 */
export async function importWeights(model: LayersModel, path: string, options?: ImportOptions): Promise<ImportReport>;
export async function importWeights(spec: NetSpec, path: string, options?: ImportOptions): Promise<NetSpec>;
export async function importWeights(net: LayersModel | NetSpec, path: string, options: ImportOptions = {}): Promise<ImportReport | NetSpec> {
  const file = await readSafetensors(path);
  if (net instanceof LayersModel) return applyWeights(net, file, options);
  return {
    name: net.name,
    build: (inputShape, seed) => {
      const model = net.build(inputShape, seed);
      try {
        applyWeights(model, file, options);
      } catch (error) {
        model.dispose();
        throw error;
      }
      return model;
    },
  };
}

/**
 * Writes a model's weights as a safetensors file that `load_state_dict` of PyTorch takes: torchvision's or timm's names, PyTorch's layouts.
 *
 * @throws BackbonesError `unknown-weight` as `collectWeights`; `output-not-writable`
 */
export async function exportWeights(model: LayersModel, path: string, options: ExportOptions = {}): Promise<void> {
  const bytes = encodeSafetensors(await collectWeights(model, options), { format: 'pt' });
  // A crash leaves the old file or the new one, never half of one.
  const beside = `${path}.${randomUUID()}.tmp`;
  try {
    await writeFile(beside, bytes);
    await rename(beside, path);
  } catch (cause) {
    throw new BackbonesError('output-not-writable', `The weights could not be written to ${path} (${messageOf(cause)}); choose a file that can be written.`);
  } finally {
    await rm(beside, { force: true }).catch(() => undefined);
  }
}

async function readSafetensors(path: string): Promise<SafetensorsFile> {
  let bytes: Uint8Array;
  try {
    bytes = await readFile(path);
  } catch (cause) {
    throw new BackbonesError('unreadable-weights', `No weights could be read from ${path} (${messageOf(cause)}); give the path of a safetensors file.`);
  }
  return decodeSafetensors(bytes);
}

function messageOf(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause);
}
