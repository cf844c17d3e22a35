import { useWasmBackend } from '@selfsup/backend-wasm';

/** How the wasm backend, which is in use, computes. It needs SIMD, so that it works says that there is. */
export interface WasmSupport {
  readonly threads: number;
  readonly simd: true;
  /** Fused multiply-add. */
  readonly relaxed: boolean;
  /** Vectors of eight numbers instead of four. */
  readonly wide: boolean;
  /** Threads beside the calling one that have started: they do so with the first work that is worth splitting. */
  readonly workersReady: number;
}

/** Answers how the backend that is registered computes; registers it where there is none. */
export async function inspectWasm(): Promise<WasmSupport> {
  const { engine } = await useWasmBackend();
  return { threads: engine.threads, simd: true, relaxed: engine.relaxed, wide: engine.wide, workersReady: engine.workersReady };
}
