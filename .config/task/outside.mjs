import { cpSync, existsSync, mkdirSync, readFileSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { packAll } from './packed.mjs';
import { bin, inParallel, readJson, root, run, say } from './run.mjs';

const example = join(root, 'docs', 'examples', 'own-method');

let installing;

/** A copy of the example beside the packed packages, as a user would have it; undefined when that failed. Made once. */
export function outsideFolder(context) {
  installing ??= installOutside(context, join(context.scratch, 'outside'));
  return installing;
}

async function installOutside(context, folder) {
  const packed = await packAll(context);
  if (packed.some(({ tarball }) => !tarball)) return undefined;
  cpSync(example, folder, { recursive: true, filter: (file) => !file.includes('node_modules') });
  const manifest = readJson(join(example, 'package.json'));
  const own = Object.fromEntries(packed.map(({ name, tarball }) => [name, `file:${tarball}`]));
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ ...manifest, dependencies: { ...manifest.dependencies, ...own } }, null, 2));

  say('Installing the packed packages into a temporary folder');
  const patience = ['--fetch-retries=1', '--fetch-retry-mintimeout=1000', '--fetch-timeout=60000'];
  const npm = (...args) => run('npm', [...args, ...patience], { cwd: folder, capture: true });
  const { code, output } = await npm('install', '--prefer-offline', '--no-audit', '--no-fund', '--no-package-lock');
  if (code === 0) return folder;
  const online = (await npm('view', '@tensorflow/tfjs-core', 'version', '--prefer-online')).code === 0;
  if (online) {
    console.log(output);
    return undefined;
  }
  console.log("The npm registry cannot be reached, so the packed packages get this repository's copies of what they depend on.");
  return (await linkInstead(packed, folder)) ? folder : undefined;
}

/** What `npm install` would have done, from what is installed here already. */
async function linkInstead(packed, folder) {
  for (const { name, directory, tarball } of packed) {
    const target = join(folder, 'node_modules', name);
    mkdirSync(target, { recursive: true });
    const { code, output } = await run('tar', ['-xzf', tarball, '--strip-components=1', '-C', target], { capture: true });
    if (code !== 0) {
      console.log(output);
      return false;
    }
    const { dependencies = {}, peerDependencies = {}, bin: commands = {} } = readJson(join(target, 'package.json'));
    for (const dependency of Object.keys({ ...dependencies, ...peerDependencies })) {
      const here = [directory, root].map((from) => join(from, 'node_modules', dependency)).find((path) => existsSync(path));
      const there = join(folder, 'node_modules', dependency);
      if (!here || existsSync(there) || packed.some((own) => own.name === dependency)) continue;
      link(here, there);
    }
    for (const [command, file] of Object.entries(commands)) link(join(target, file), join(folder, 'node_modules', '.bin', command));
  }
  return true;
}

function link(from, to) {
  mkdirSync(dirname(to), { recursive: true });
  symlinkSync(from, to);
}

/** The example outside the workspace: a method of its own, type-checked, trained and held to the conformance suite. */
export async function outsideExample(context) {
  const folder = await outsideFolder(context);
  if (!folder) return [{ name: 'installing the packed packages', status: 'failed' }];
  say('The example outside the workspace: docs/examples/own-method');
  const steps = [
    ['types', join(bin, 'tsc'), ['-p', '.']],
    ['train', 'npm', ['run', '--silent', 'train']],
    ['conformance', 'npm', ['run', '--silent', 'test']],
  ];
  const outcomes = [];
  for (const [name, command, args] of steps) {
    const { code } = await run(command, args, { cwd: folder });
    outcomes.push({ name, status: code === 0 ? 'passed' : 'failed' });
  }
  return outcomes;
}

/** The JavaScript examples of every README, each run as a user would who copies it. */
export async function readmes(context) {
  const folder = await outsideFolder(context);
  if (!folder) return [{ name: 'installing the packed packages', status: 'failed' }];
  say('The examples of the READMEs');
  const files = ['README.md', ...readdirSync(join(root, 'packages')).map((name) => `packages/${name}/README.md`)];
  const examples = files.flatMap((readme) => examplesOf(readme).map((code, at) => ({ code, name: at === 0 ? readme : `${readme} (${at + 1})` })));
  const missing = files.filter((readme) => !examples.some(({ name }) => name === readme));
  for (const readme of missing) console.log(`${readme}: there is no example`);
  const outcomes = await inParallel(examples, 2, async ({ name, code }) => {
    const file = join(folder, `${name.replaceAll(/\W/g, '-')}.mjs`);
    writeFileSync(file, code);
    const result = await run(process.execPath, [file], { cwd: folder, capture: true });
    console.log(result.code === 0 ? `${name}: runs` : `${name}: exit code ${result.code}\n${result.output}`);
    return { name, status: result.code === 0 ? 'passed' : 'failed' };
  });
  return [...outcomes, ...missing.map((name) => ({ name, status: 'failed' }))];
}

/** The JavaScript of a README that stands on its own: what imports nothing continues something else. */
function examplesOf(readme) {
  const path = join(root, readme);
  const text = existsSync(path) ? readFileSync(path, 'utf8') : '';
  return [...text.matchAll(/^```js\n(.*?)^```$/gms)].map(([, code]) => code).filter((code) => /^import /m.test(code));
}
