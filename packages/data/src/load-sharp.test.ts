import { imageFolder } from '@selfsup/data/node';
import { expect, it, vi } from 'vitest';

vi.mock('sharp', () => {
  throw Object.assign(new Error("Cannot find package 'sharp'\nmore"), { code: 'ERR_MODULE_NOT_FOUND' });
});

it('says how to get sharp in one sentence', async () => {
  const error = await imageFolder('.').catch((reason: unknown) => reason);
  expect(error).toMatchObject({ code: 'missing-dependency', message: expect.stringMatching(/needs sharp.*; run: npm install sharp$/) });
  expect((error as Error).message).not.toContain('\n');
});
