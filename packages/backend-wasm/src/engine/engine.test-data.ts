import { BackendWasmError } from '../error.ts';
import { f32 } from './engine.ts';
import type { Engine } from './engine.ts';
import { K } from './kernel-ids.ts';

/** Fills `n` floats with `value` and answers whether they all hold it. */
export function fills(engine: Engine, value: number, n = 100_003): boolean {
  const at = engine.alloc(4 * n);
  engine.run(K.fill, [at, n, f32(value)]);
  const right = engine.f32.subarray(at / 4, at / 4 + n).every((x) => x === value);
  engine.free(at);
  return right;
}

/** The code of the error that something throws. */
export function codeOf(run: () => void): string | undefined {
  try {
    run();
  } catch (error) {
    return error instanceof BackendWasmError ? error.code : String(error);
  }
  return undefined;
}
