import { readFileSync } from 'node:fs';
import { arch, availableParallelism, cpus, freemem, release, totalmem, type } from 'node:os';
import { join } from 'node:path';
import { getHeapStatistics } from 'node:v8';
import { version_core as tfjs } from '@tensorflow/tfjs-core';
import { version } from '../about.ts';

/** What a training runs on, whatever computes it. Memory in bytes. */
export interface Machine {
  readonly versions: { readonly selfsup: string; readonly node: string; readonly v8: string; readonly tfjs: string };
  readonly system: {
    readonly os: string;
    readonly arch: string;
    readonly cpu: string;
    readonly cores: number;
    /** Cores' worth of time that a container may use; null without a limit. */
    readonly coreLimit: number | null;
  };
  readonly memory: {
    readonly total: number;
    readonly free: number;
    /** Of the container; null without one. */
    readonly limit: number | null;
    /** The most that JavaScript objects may take; `node --max-old-space-size` changes it. Tensors and images are outside of it. */
    readonly nodeHeap: number;
    /** The most that a WebAssembly heap may grow to, where the tensors of the wasm backend are; 0 where there is none. */
    readonly wasmHeap: number;
  };
}

export function inspectMachine(): Machine {
  const { node, v8 } = process.versions;
  const total = totalmem();
  const limit = process.constrainedMemory();
  return {
    versions: { selfsup: version(), node, v8, tfjs },
    system: { os: `${type()} ${release()}`, arch: arch(), cpu: cpus()[0]?.model.trim() ?? 'unknown', cores: availableParallelism(), coreLimit: coreLimit() },
    memory: {
      total,
      free: freemem(),
      // Without a limit, 0 or more than there is.
      limit: limit > 0 && limit < total ? limit : null,
      nodeHeap: getHeapStatistics().heap_size_limit,
      wasmHeap: wasmHeap(),
    },
  };
}

/** The share of the processors that Linux control groups grant, of version 2 or 1. */
export function coreLimit(groups = '/sys/fs/cgroup'): number | null {
  const words = (file: string): readonly string[] => {
    try {
      return readFileSync(join(groups, file), 'utf8').trim().split(/\s+/);
    } catch {
      return [];
    }
  };
  const one = words('cpu.max');
  const [quota, period] = (one.length > 0 ? one : [...words('cpu/cpu.cfs_quota_us'), ...words('cpu/cpu.cfs_period_us')]).map(Number);
  return quota! > 0 && period! > 0 ? quota! / period! : null;
}

const page = 65536;

/** Pages are reserved and not used, so that this takes no memory. */
function wasmHeap(): number {
  for (const maximum of [65536, 32768, 16384, 8192]) {
    try {
      void new WebAssembly.Memory({ initial: 1, maximum, shared: true });
      return maximum * page;
    } catch {
      // Less may be had.
    }
  }
  return 0;
}
