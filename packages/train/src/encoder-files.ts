import { randomUUID } from 'node:crypto';
import { mkdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { io } from '@tensorflow/tfjs-core';
import { loadLayersModel } from '@tensorflow/tfjs-layers';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { TrainError } from './error.ts';

const weightsFile = 'weights.bin';

/**
 * Writes f as a tfjs-layers model: `model.json` and `weights.bin`, which `tf.loadLayersModel` reads in a browser too.
 * @throws TrainError `output-not-writable`; a model that was in the folder before is then still whole
 */
export async function saveEncoder(encoder: LayersModel, folder: string): Promise<void> {
  await encoder.save(
    io.withSaveHandler(async (artifacts) => {
      const { modelTopology, weightSpecs, format, generatedBy, convertedBy } = artifacts;
      const weights = new Uint8Array(io.CompositeArrayBuffer.join(artifacts.weightData));
      const manifest = [{ paths: [weightsFile], weights: weightSpecs }];
      const model = { format, generatedBy, convertedBy, modelTopology, weightsManifest: manifest };
      try {
        await mkdir(folder, { recursive: true });
        await writeWhole(join(folder, weightsFile), weights);
        await writeWhole(join(folder, 'model.json'), JSON.stringify(model));
      } catch (cause) {
        throw new TrainError(
          'output-not-writable',
          `The encoder could not be written to ${folder} (${messageOf(cause)}); choose a folder that can be written.`,
        );
      }
      return { modelArtifactsInfo: io.getModelArtifactsInfoForJSON(artifacts) };
    }),
  );
}

/**
 * Reads what `saveEncoder` wrote. Layers of `@selfsup/layers` are known once that package is imported.
 * @throws TrainError `unreadable-encoder` when a file is missing, is not what it should be, or the sizes disagree
 */
export async function loadEncoder(folder: string): Promise<LayersModel> {
  try {
    const model = JSON.parse(await readFile(join(folder, 'model.json'), 'utf8')) as io.ModelJSON;
    const weightSpecs = model.weightsManifest?.flatMap((group) => group.weights) ?? [];
    const declared = weightSpecs.reduce((sum, spec) => sum + 4 * spec.shape.reduce((size, n) => size * n, 1), 0);
    const path = join(folder, weightsFile);
    const { size } = await stat(path);
    if (size !== declared) {
      throw new Error(`${weightsFile} has ${size} bytes, but model.json declares ${declared}`);
    }
    const bytes = await readFile(path);
    const weightData = bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength) as ArrayBuffer;
    return await loadLayersModel(io.fromMemory({ modelTopology: model.modelTopology, weightSpecs, weightData }));
  } catch (cause) {
    throw new TrainError(
      'unreadable-encoder',
      `No encoder could be read from ${folder} (${messageOf(cause)}); give the folder that holds its model.json and ${weightsFile}.`,
    );
  }
}

/** Writes beside the file and renames, so that a crash leaves the old file or the new one, never half of one. */
async function writeWhole(path: string, content: string | Uint8Array): Promise<void> {
  const beside = `${path}.${randomUUID()}.tmp`;
  try {
    await writeFile(beside, content);
    await rename(beside, path);
  } finally {
    await rm(beside, { force: true });
  }
}

function messageOf(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause);
}
