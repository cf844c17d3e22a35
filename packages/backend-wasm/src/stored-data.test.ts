import { afterEach, expect, it } from 'vitest';
import { createEngine, f32 } from './engine/engine.ts';
import type { Engine } from './engine/engine.ts';
import { codeOf } from './engine/engine.test-data.ts';
import { K } from './engine/kernel-ids.ts';
import { StoredData } from './stored-data.ts';

let engine: Engine;
afterEach(() => engine.dispose());

it.each(['float32', 'int32', 'bool'] as const)('%s values outlive the error of a run before, which is told when they move to the heap', (dtype) => {
  engine = createEngine({ threads: 2 });
  const n = 1000; // so many that their writing waits for the runs
  const values = Array.from({ length: n }, (_, i) => i % 2);
  const data = new StoredData(engine, dtype, [n], 1);
  data.setHost(values as never);
  engine.run(K.fill, [2 ** 32 - 4096, 1000, f32(1)], { parts: 2 });
  expect(codeOf(() => void data.toHeap())).toBe('kernel-failed');
  expect(engine.bytesInUse).toBe(0);
  data.toHeap();
  expect([...(data.values as Float32Array)]).toEqual(values);
});
