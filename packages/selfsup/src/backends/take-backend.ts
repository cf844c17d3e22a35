import { getBackend, matMul, removeBackend, setBackend, tensor2d } from '@tensorflow/tfjs-core';
import { CliError, reasonOf } from '../error.ts';
import type { ConcreteBackend } from './names.ts';

/**
 * Makes TensorFlow.js compute on a registered backend and convinces itself that it does: tfjs falls back to another one
 * without a word, and a driver may be there and compute nonsense.
 *
 * @param tfjsName what the backend is registered as
 * @param hint what the user may do
 * @throws CliError (1)
 */
export async function takeBackend(name: ConcreteBackend, tfjsName: string, hint: string): Promise<void> {
  const refuse = (problem: string): CliError => new CliError(1, `The backend ${name} cannot be used: ${problem}; ${hint}.`);
  let taken: boolean;
  try {
    taken = await setBackend(tfjsName);
  } catch (cause) {
    throw refuse(`it did not start (${reasonOf(cause)})`);
  }
  if (!taken || getBackend() !== tfjsName) throw refuse(`TensorFlow.js did not take it and would fall back to ${fallback(tfjsName)}`);
  const product = await smallProduct().catch((cause: unknown) => {
    throw refuse(`a product of two matrices failed (${reasonOf(cause)})`);
  });
  if (product !== '19,22,43,50') throw refuse(`a product of two matrices came out as ${product} instead of 19,22,43,50`);
}

/** What would have been used silently. A backend that failed is taken out, so that nothing comes back to it. */
function fallback(tfjsName: string): string {
  try {
    removeBackend(tfjsName);
    return getBackend() || 'none';
  } catch {
    return 'none';
  }
}

async function smallProduct(): Promise<string> {
  const [a, b] = [tensor2d([[1, 2], [3, 4]]), tensor2d([[5, 6], [7, 8]])];
  const product = matMul(a, b);
  try {
    return (await product.data()).join();
  } finally {
    for (const t of [a, b, product]) t.dispose();
  }
}
