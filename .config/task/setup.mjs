import { createHash } from 'node:crypto';
import { existsSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { bin, root, run, say } from './run.mjs';

const stampFile = join(root, 'node_modules', '.setup-stamp');

/** Changes whenever what has to be installed may have changed. */
function stamp() {
  const packages = readdirSync(join(root, 'packages')).map((name) => `packages/${name}/package.json`);
  const hash = createHash('sha256').update(process.platform).update(process.arch);
  for (const file of ['pnpm-lock.yaml', 'pnpm-workspace.yaml', 'package.json', ...packages.toSorted()]) {
    if (existsSync(join(root, file))) hash.update(file).update(readFileSync(join(root, file)));
  }
  return hash.digest('hex');
}

/** Installs the locked dependencies unless that is done already, and gives the exit code. */
export async function setUp({ packageManager }) {
  const wanted = stamp();
  if (existsSync(stampFile) && readFileSync(stampFile, 'utf8') === wanted) return 0;

  const install = ['install', '--frozen-lockfile', '--prefer-offline', '--config.confirmModulesPurge=false'];
  const local = existsSync(join(bin, 'pnpm'));
  say(`Installing the locked dependencies with ${packageManager}${local ? '' : ' (fetched by npx)'}`);
  const { code } = await (local
    ? run(join(bin, 'pnpm'), install)
    : run('npx', ['--yes', packageManager, ...install]));
  if (code === 0) writeFileSync(stampFile, wanted);
  else console.error(`\nThe installation failed (exit code ${code}): see above. The first installation needs the npm registry.`);
  return code;
}
