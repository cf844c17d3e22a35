import { usageError } from '../error.ts';

/** The backends that the CLI can run on. */
export const backendNames = ['auto', 'node-gpu', 'node', 'wasm', 'webgpu', 'webgl', 'cpu'] as const;
export type BackendName = (typeof backendNames)[number];
/** A backend that computes, not a wish for one. */
export type ConcreteBackend = Exclude<BackendName, 'auto'>;

/** The default, and what `--help` says of `--backend`. */
export const defaultBackend: BackendName = 'auto';
export const backendHelp: string = `${backendNames.join(', ')} (default: ${defaultBackend})`;

/** @throws CliError (2) */
export function parseBackend(value: unknown): BackendName {
  const name = backendNames.find((known) => known === value);
  if (!name) throw usageError(`The backend "${String(value)}" is not known; choose one of ${backendNames.join(', ')}.`);
  return name;
}
