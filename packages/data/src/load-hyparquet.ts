import type * as hyparquet from 'hyparquet';
import { DataError, reasonOf } from './error.ts';

/** hyparquet's entry. */
export type Hyparquet = typeof hyparquet;

/** Loads the optional peer `hyparquet` when it is first needed, or says how to get it. */
export async function loadHyparquet(): Promise<Hyparquet> {
  try {
    return await import('hyparquet');
  } catch (cause) {
    const reason = reasonOf(cause).trim().split('\n')[0];
    throw new DataError('missing-dependency', `Reading Parquet needs hyparquet, which did not load (${reason}); run: npm install hyparquet`, { cause });
  }
}
