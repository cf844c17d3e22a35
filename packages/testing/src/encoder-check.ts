import { io, slice, tidy } from '@tensorflow/tfjs-core';
import type { Tensor, Tensor4D } from '@tensorflow/tfjs-core';
import { loadLayersModel } from '@tensorflow/tfjs-layers';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { allclose } from './allclose.ts';
import type { ConformanceOptions } from './conformance.ts';
import { noiseViews } from './noise-views.ts';
import { changed, sameBits, valuesOf, viewShape, withMethod } from './probe.ts';
import type { Build } from './probe.ts';

/** Whether the encoder can be judged, saved and used by those who know nothing of the method. */
export async function checkEncoder<Name extends string>(build: Build<Name>, options: ConformanceOptions): Promise<readonly string[]> {
  return withMethod(build, 1, async (method) => {
    const { encoder } = method;
    const shape = encoder.outputs.map((output) => `[${output.shape.join(', ')}]`);
    if (encoder.outputs.length !== 1 || encoder.outputs[0]!.shape.length !== 2) {
      return [`The encoder answers ${shape.join(' and ')} instead of features [batch, dim]; end it with pooling or flatten.`];
    }
    const found: string[] = [];
    const { images } = noiseViews(['images'], viewShape(options), 5);
    const all = [...method.parameters(), ...method.state()];
    const before = await valuesOf(all);
    const features = featuresOf(encoder, images);
    if (!features.every(Number.isFinite)) found.push('The features of the encoder are not finite.');
    if (!sameBits(features, featuresOf(encoder, images))) found.push('The encoder gives the same images other features the second time.');
    for (const name of changed(before, await valuesOf(all))) found.push(`Using the encoder changed ${name}; only training may.`);
    const first = slice(images, 0, 1);
    const alone = featuresOf(encoder, first);
    first.dispose();
    const scale = Math.max(...features.map(Math.abs));
    if (!allclose(alone, features.slice(0, alone.length), { rtol: 1e-3, atol: 1e-4 * scale }).pass) {
      found.push('The features of an image depend on the other images of its batch; normalisation must use its running statistics.');
    }
    found.push(...(await savingViolations(encoder, images, features)));
    images.dispose();
    return found;
  });
}

function featuresOf(encoder: LayersModel, images: Tensor4D): readonly number[] {
  const output = tidy(() => encoder.apply(images, { training: false }) as Tensor);
  const features = [...output.dataSync()];
  output.dispose();
  return features;
}

async function savingViolations(encoder: LayersModel, images: Tensor4D, features: readonly number[]): Promise<readonly string[]> {
  let saved: io.ModelArtifacts | undefined;
  try {
    await encoder.save(
      io.withSaveHandler(async (artifacts) => {
        saved = artifacts;
        return { modelArtifactsInfo: io.getModelArtifactsInfoForJSON(artifacts) };
      }),
    );
    // As text and back, as in a file.
    const modelTopology = JSON.parse(JSON.stringify(saved!.modelTopology)) as object;
    const loaded = await loadLayersModel(io.fromMemory({ ...saved!, modelTopology }));
    const again = featuresOf(loaded, images);
    loaded.dispose();
    return sameBits(features, again) ? [] : ['The encoder has other features once it is saved and loaded.'];
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return [`The encoder cannot be saved and loaded (${reason}); register its layers with tf.serialization.registerClass.`];
  }
}
