export { backendName } from './backend.ts';
export type { WasmBackend, WasmMemoryInfo } from './backend.ts';
export { BackendWasmError } from './error.ts';
export { useWasmBackend, useWasmBackendSync } from './register.ts';
export type { WasmBackendOptions } from './register.ts';
