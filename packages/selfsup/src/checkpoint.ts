import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { decodeSafetensors, encodeSafetensors } from '@selfsup/backbones';
import type { MetricPoint } from '@selfsup/eval';
import type { Checkpoint } from '@selfsup/train';
import type { Config } from './config.ts';
import { CliError, reasonInOneLine, usageError } from './error.ts';
import type { RunFolder } from './run-folder.ts';

/** Where a training was cut off. */
export interface Resumption {
  readonly checkpoint: Checkpoint;
  /** Its steps until then. */
  readonly curve: readonly MetricPoint[];
}

/** What one training of a run keeps to be taken up again. */
export interface Checkpoints {
  /** Null when it begins anew. */
  readonly resume: Resumption | null;
  readonly keep: (checkpoint: Checkpoint) => Promise<void>;
  readonly drop: () => Promise<void>;
}

/**
 * Where the trainings of a run keep their checkpoints, a file each. To resume, reads where each of them stands, and cuts
 * `metrics.jsonl` back to there: the steps after it are taken again.
 * @throws CliError (2) when there is nothing to resume, (1) when it cannot be read
 */
export async function checkpointsIn(folder: RunFolder, files: readonly string[], resume: boolean): Promise<readonly Checkpoints[]> {
  const resumptions = resume ? await readResumptions(folder, files) : [];
  return files.map((file, i) => ({
    resume: resumptions[i] ?? null,
    keep: ({ method, step, tensors }) => folder.write(file, encodeSafetensors(tensors, { method, step: String(step) })),
    drop: () => folder.remove(file),
  }));
}

async function readResumptions(folder: RunFolder, files: readonly string[]): Promise<readonly (Resumption | null)[]> {
  const checkpoints: (Checkpoint | null)[] = [];
  for (const file of files) checkpoints.push(await readCheckpoint(join(folder.path, file)));
  if (checkpoints.every((checkpoint) => checkpoint === null)) {
    throw usageError(`There is no ${join(folder.path, files[0]!)}: only a run that was cut off after its first epoch, and has not ended since, can be resumed.`);
  }
  const reached = new Map(checkpoints.map((checkpoint) => [checkpoint?.method, checkpoint?.step]));
  const all = await readMetrics(join(folder.path, 'metrics.jsonl'));
  const records = all.filter(({ method, step }) => step <= (reached.get(method) ?? 0));
  await folder.write('metrics.jsonl', records.map((record) => `${JSON.stringify(record)}\n`).join(''));
  return checkpoints.map((checkpoint) => checkpoint && { checkpoint, curve: curveOf(records.filter(({ method }) => method === checkpoint.method)) });
}

/**
 * The settings that a run was started with. Runs that do not name a decoder are older than the choice, and had the exact one.
 * @throws CliError (2) when there is no such run
 */
export async function startedWith(run: string): Promise<Readonly<Record<string, unknown>>> {
  const file = join(run, 'config.json');
  try {
    return { jpeg: 'exact', ...(JSON.parse(await readFile(file, 'utf8')) as Readonly<Record<string, unknown>>) };
  } catch (cause) {
    throw usageError(`There is no run to resume in ${run}: ${file} cannot be read (${reasonInOneLine(cause)}); leave --resume out to start one.`);
  }
}

/**
 * @param before the settings that the run was started with
 * @throws CliError (2) naming the first setting that is not what it was then, but for those that are free to change
 */
export function refuseChanges(run: string, before: Readonly<Record<string, unknown>>, now: Readonly<Record<string, unknown>>): void {
  for (const [key, value] of Object.entries(now)) {
    if (free.has(key) || JSON.stringify(value) === JSON.stringify(before[key])) continue;
    const then = before[key] === undefined ? `without ${key}` : `with ${key} ${JSON.stringify(before[key])}`;
    throw usageError(`${run} was started ${then} and cannot go on with ${JSON.stringify(value)}; leave that option out.`);
  }
}

/** What may differ between the two halves of one training: it changes how fast it is, and where its folder stands. */
const free: ReadonlySet<string> = new Set(['backend', 'threads', 'workers', 'cache', 'name', 'out', 'about'] satisfies (keyof Config)[]);

/** Null when there is none. */
async function readCheckpoint(path: string): Promise<Checkpoint | null> {
  const bytes = await readFile(path).catch((cause: NodeJS.ErrnoException) => {
    if (cause.code === 'ENOENT' || cause.code === 'ENOTDIR') return null;
    throw unreadable(path, cause);
  });
  if (bytes === null) return null;
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

type MetricRecord = Readonly<Record<string, unknown>> & { readonly type: string; readonly method: string; readonly step: number };

/** A last line that was cut off is none. */
async function readMetrics(path: string): Promise<MetricRecord[]> {
  const text = await readFile(path, 'utf8').catch((cause: unknown) => {
    throw unreadable(path, cause);
  });
  try {
    const lines = text.split('\n').slice(0, -1);
    return lines.map((line) => JSON.parse(line) as MetricRecord);
  } catch (cause) {
    throw unreadable(path, cause);
  }
}

function unreadable(path: string, cause: unknown): CliError {
  return new CliError(1, `${path} cannot be read (${reasonInOneLine(cause)}); the training cannot be resumed.`, { cause });
}

function curveOf(records: readonly MetricRecord[]): MetricPoint[] {
  const curve: MetricPoint[] = [];
  for (const { type, method: _, secondsWaited: __, ...point } of records) {
    if (type === 'step') curve.push({ ...point, epoch: Number(point['epoch']) - 1 } as unknown as MetricPoint);
    else if (typeof point['knn'] === 'number') curve.push({ ...curve.pop()!, knn: point['knn'] });
  }
  return curve;
}
