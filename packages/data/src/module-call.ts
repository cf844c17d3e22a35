import { DataError, reasonOf } from './error.ts';
import type { ModuleCall } from './origin.ts';

/**
 * What the call answers.
 *
 * @throws DataError `bad-option` when the module does not load or has no such function; what the function throws passes through
 */
export async function callModule(call: ModuleCall): Promise<unknown> {
  const loaded: Readonly<Record<string, unknown>> = await import(call.module).catch((cause: unknown) => {
    const message = `The module ${call.module} did not load (${reasonOf(cause)}); give an absolute URL, as import.meta.resolve() answers.`;
    throw new DataError('bad-option', message, { cause });
  });
  const exported = loaded[call.export];
  if (typeof exported !== 'function') {
    const found = Object.keys(loaded).join(', ') || 'nothing';
    throw new DataError('bad-option', `The module ${call.module} exports no function ${call.export}; it exports ${found}.`);
  }
  return exported(...(call.args ?? []));
}
