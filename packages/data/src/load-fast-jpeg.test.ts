import { imageDecoder } from '@selfsup/data/node';
import { expect, it, vi } from 'vitest';

vi.mock('@napi-rs/image', () => {
  throw Object.assign(new Error("Cannot find package '@napi-rs/image'\nmore"), { code: 'ERR_MODULE_NOT_FOUND' });
});

it('says how to get the fast decoder, and does without it where it is not asked for', async () => {
  await expect(imageDecoder()).resolves.toBeTypeOf('function');
  await expect(imageDecoder({ jpeg: 'fast' })).rejects.toMatchObject({ code: 'missing-dependency', message: expect.stringMatching(/run npm install @napi-rs\/image, or choose 'exact'\.$/) });
});
