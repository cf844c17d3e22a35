import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';

export const howToInstallChromium =
  '`apt-get install chromium` (Debian), or set SELFSUP_CHROMIUM to the path of a Chromium or Chrome.';

/** The browser for browser tests: SELFSUP_CHROMIUM, or the first on the PATH. */
export function findChromium() {
  if (process.env.SELFSUP_CHROMIUM) return process.env.SELFSUP_CHROMIUM;
  const folders = process.env.PATH.split(delimiter);
  const candidates = ['chromium', 'chromium-browser', 'google-chrome'].flatMap((name) => folders.map((folder) => join(folder, name)));
  return candidates.find(isExecutable);
}

function isExecutable(file) {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
