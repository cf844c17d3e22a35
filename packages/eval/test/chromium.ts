import { existsSync } from 'node:fs';
import { chromium } from 'playwright-core';
import type { Browser } from 'playwright-core';

const executable = process.env['SELFSUP_CHROMIUM'] ?? '/usr/bin/chromium';

/** Why the tests in a browser cannot run here, or null. */
export const missingBrowser: string | null = existsSync(executable)
  ? null
  : `no browser at ${executable}; install Chromium or set SELFSUP_CHROMIUM`;

export async function launchBrowser(): Promise<Browser> {
  return chromium.launch({ executablePath: executable, args: ['--no-sandbox', '--disable-gpu', '--no-first-run'] });
}
