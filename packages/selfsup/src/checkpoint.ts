import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { decodeSafetensors, encodeSafetensors } from '@selfsup/backbones';
import type { MetricPoint } from '@selfsup/eval';
import type { Checkpoint } from '@selfsup/train';
import { CliError, reasonOf, usageError } from './error.ts';
import type { RunFolder } from './run-folder.ts';

/** Where in a run's folder a training stands that has not ended. */
const file = 'checkpoint.safetensors';

/** Where a training was cut off. */
export interface Resumption {
  readonly checkpoint: Checkpoint;
  /** Its steps until then. */
  readonly curve: readonly MetricPoint[];
}

/** What a run keeps to be taken up again. */
export interface Checkpoints {
  readonly resume: Resumption | null;
  readonly keep: (checkpoint: Checkpoint) => Promise<void>;
  readonly drop: () => Promise<void>;
}

export function checkpointsIn(folder: RunFolder, resume: Resumption | null): Checkpoints {
  return {
    resume,
    keep: ({ method, step, tensors }) => folder.write(file, encodeSafetensors(tensors, { method, step: String(step) })),
    drop: () => folder.remove(file),
  };
}

/**
 * Reads where a run stands, and cuts its `metrics.jsonl` back to there: the steps after it are taken again.
 * @throws CliError (2) when the run has no checkpoint, (1) when it cannot be read
 */
export async function readResumption(folder: RunFolder): Promise<Resumption> {
  const checkpoint = await readCheckpoint(join(folder.path, file));
  const records = await readMetrics(join(folder.path, 'metrics.jsonl'), checkpoint.step);
  await folder.write('metrics.jsonl', records.map((record) => `${JSON.stringify(record)}\n`).join(''));
  return { checkpoint, curve: curveOf(records) };
}

async function readCheckpoint(path: string): Promise<Checkpoint> {
  const bytes = await readFile(path).catch((cause: NodeJS.ErrnoException) => {
    if (cause.code !== 'ENOENT' && cause.code !== 'ENOTDIR') throw unreadable(path, cause);
    throw usageError(`There is no ${path}: give --resume the folder of a training that was cut off after its first epoch, and has not ended since.`);
  });
  try {
    const { metadata, tensors } = decodeSafetensors(bytes);
    const { method = '', step } = metadata;
    if (!/^\d+$/.test(step ?? '')) throw new Error('it does not say after which step it was taken');
    const values = [...tensors].map(([name, { shape, toFloat32 }]) => [name, { shape, data: toFloat32() }] as const);
    return { method, step: Number(step), tensors: new Map(values) };
  } catch (cause) {
    throw unreadable(path, cause);
  }
}

type MetricRecord = Readonly<Record<string, unknown>> & { readonly type: string; readonly step: number };

/** The records up to a step. A last line that was cut off is none. */
async function readMetrics(path: string, lastStep: number): Promise<MetricRecord[]> {
  const text = await readFile(path, 'utf8').catch((cause: unknown) => {
    throw unreadable(path, cause);
  });
  try {
    const lines = text.split('\n').slice(0, -1);
    return lines.map((line) => JSON.parse(line) as MetricRecord).filter(({ step }) => step <= lastStep);
  } catch (cause) {
    throw unreadable(path, cause);
  }
}

function unreadable(path: string, cause: unknown): CliError {
  return new CliError(1, `${path} cannot be read (${reasonOf(cause)}); the training cannot be resumed.`, { cause });
}

function curveOf(records: readonly MetricRecord[]): MetricPoint[] {
  const curve: MetricPoint[] = [];
  for (const { type, method: _, secondsWaited: __, ...point } of records) {
    if (type === 'step') curve.push({ ...point, epoch: Number(point['epoch']) - 1 } as unknown as MetricPoint);
    else if (typeof point['knn'] === 'number') curve.push({ ...curve.pop()!, knn: point['knn'] });
  }
  return curve;
}
