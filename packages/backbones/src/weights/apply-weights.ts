import { tensor, tidy } from '@tensorflow/tfjs-core';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { BackbonesError } from '../error.ts';
import { torchWeights } from '../torch-weights.ts';
import type { TorchWeight } from '../torch-weights.ts';
import type { SafetensorsFile, StoredTensor } from './safetensors.ts';
import { timmNames, timmShape } from './timm-names.ts';

export interface ImportOptions {
  /** Read only the names that start so, without that start: `'module.encoder.'` in a checkpoint of SimSiam's own code. */
  readonly prefix?: string;
}

/** What became of the weights of a file, by PyTorch's names. */
export interface ImportReport {
  readonly loaded: readonly string[];
  /** Of the file's head or of PyTorch's book-keeping: the model has no place for them. */
  readonly ignored: readonly string[];
  /** Of the model's head: the file has none of that name and shape, so they stay as they were. */
  readonly kept: readonly string[];
}

/** A classifier and what belongs to it, in torchvision and timm; ConvNeXt's first layer there normalises the features. */
const isHead = (name: string): boolean => /^(fc|classifier(?!\.0)|heads?(?!\.norm)|head_dist|pre_logits)\./.test(name);
/** PyTorch counts batches beside the running statistics; nothing here needs the count. */
const isCounter = (name: string): boolean => name.endsWith('.num_batches_tracked');

/**
 * Puts the weights of a safetensors file into a model of the same architecture, under torchvision's or timm's names.
 *
 * Strict but for the head: each weight of the model must be in the file with its shape, and each weight of the file in the
 * model. Heads may be missing on either side, or have another number of classes. Nothing is changed unless all fits.
 *
 * @throws BackbonesError `weight-mismatch` naming what is missing, left over or of another shape; `unsupported-dtype`
 */
export function applyWeights(model: LayersModel, { tensors }: SafetensorsFile, options: ImportOptions = {}): ImportReport {
  const { prefix = '' } = options;
  const left = new Map([...tensors].filter(([name]) => name.startsWith(prefix)).map(([name, stored]) => [name.slice(prefix.length), stored]));
  const own = torchWeights(model);
  const timm = timmNames(own.map(({ name }) => name));
  const fitting: (readonly [TorchWeight, StoredTensor])[] = [];
  const kept: string[] = [];
  const problems: string[] = [];
  for (const weight of own) {
    const { name, shape } = weight;
    const theirs = left.has(name) ? name : timm.get(name)!;
    const stored = left.get(theirs);
    left.delete(theirs);
    const expected = theirs === name ? shape : timmShape(name, shape);
    if (stored && stored.shape.join() === expected.join()) fitting.push([weight, stored]);
    else if (isHead(name)) kept.push(name);
    else if (stored) problems.push(`${theirs} is [${stored.shape.join(', ')}] there and [${expected.join(', ')}] here`);
    else problems.push(`${name} [${shape.join(', ')}] is missing`);
  }
  for (const name of left.keys()) if (!isHead(name) && !isCounter(name)) problems.push(`${name} has no place here`);
  if (problems.length > 0) {
    const more = problems.length > shown ? `; and ${problems.length - shown} more` : '';
    throw new BackbonesError(
      'weight-mismatch',
      `The weights do not fit ${model.name}: ${problems.slice(0, shown).join('; ')}${more}; build the network that they were saved from.`,
    );
  }
  // All are decoded first, so that a type that cannot be read leaves the model as it was.
  const values = fitting.map(([weight, stored]) => [weight, stored.toFloat32()] as const);
  tidy(() => {
    for (const [{ variable, shape, fromTorch }, data] of values) variable.write(fromTorch(tensor(data, [...shape])));
  });
  return { loaded: fitting.map(([{ name }]) => name), ignored: [...left.keys()].map((name) => prefix + name), kept };
}

/** Mismatches that an error names. */
const shown = 6;
