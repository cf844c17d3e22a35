import type sharp from 'sharp';
import { DataError, reasonOf } from './error.ts';

/** sharp's entry function. */
export type Sharp = typeof sharp;

/** Loads the optional peer `sharp` when it is first needed, or says how to get it. */
export async function loadSharp(): Promise<Sharp> {
  try {
    return (await import('sharp')).default;
  } catch (cause) {
    // A module that is not found and a native library that does not load have the same remedy.
    const reason = reasonOf(cause).trim().split('\n')[0];
    throw new DataError('missing-dependency', `Decoding image files needs sharp, which did not load (${reason}); run: npm install sharp`, { cause });
  }
}
