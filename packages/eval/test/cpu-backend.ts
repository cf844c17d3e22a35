// oxlint-disable-next-line import/no-unassigned-import -- registers the backend
import '@tensorflow/tfjs-backend-cpu';
import { setBackend } from '@tensorflow/tfjs-core';

export async function useCpuBackend(): Promise<void> {
  await setBackend('cpu');
}
