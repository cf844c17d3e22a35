import { test } from 'node:test';
import { smallResNet } from '@selfsup/backbones';
import { useWasmBackend } from '@selfsup/backend-wasm';
import { methodConformance } from '@selfsup/testing';
import { simclr } from './method.mjs';

test('SimCLR fulfils the contract of the training loop', async (t) => {
  await useWasmBackend();
  const inputShape = /** @type {const} */ ([16, 16, 1]);
  const encoder = smallResNet({ width: 4 });
  const { checks } = await methodConformance((seed) => simclr({ encoder, inputShape, seed }), { inputShape, batchSize: 8 });
  for (const check of checks) t.diagnostic(check);
});
