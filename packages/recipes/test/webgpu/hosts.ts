import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { chromium } from 'playwright-core';
import { build } from 'tsup';
import type { Outcomes } from './steps.ts';

// Where WebGPU may be: in Node through Dawn, and in Chromium. Both run the same program.

/** What the steps gave, or why there is no adapter and how to get one. */
export type Answer = Outcomes | { readonly missing: string };

const executable = process.env['SELFSUP_CHROMIUM'] ?? '/usr/bin/chromium';
const here = dirname(fileURLToPath(import.meta.url));
const driver = join(dirname(executable).replace('/bin', '/lib'), 'chromium');

/** Bundles the steps into one script that defines `runSteps`, in a folder of its own. */
async function bundleSteps(platform: 'node' | 'browser', folder: string): Promise<string> {
  await build({
    entry: { steps: join(here, 'steps.ts') },
    outDir: folder,
    format: platform === 'node' ? 'cjs' : 'iife',
    platform,
    noExternal: [/.*/],
    outExtension: () => ({ js: '.cjs' }),
    config: false,
    silent: true,
    esbuildOptions: (options) => {
      options.conditions = ['@selfsup/source'];
      // TensorFlow.js says that its registrations have no side effects.
      options.ignoreAnnotations = true;
      options.logLevel = 'error';
    },
  });
  return join(folder, 'steps.cjs');
}

const launcher = `
import { createRequire } from 'node:module';
import { create, globals } from 'webgpu';
const require = createRequire(import.meta.url);
Object.assign(globalThis, globals, { require });
Object.defineProperty(globalThis, 'navigator', { value: { userAgent: 'Node.js', gpu: create([]) }, configurable: true });
let answer = { missing: '' };
if (await navigator.gpu.requestAdapter()) {
  require(process.argv[1]);
  answer = await globalThis.runSteps();
}
process.stdout.write('\\n' + JSON.stringify(answer) + '\\n', () => process.exit(0));
`;

/** Chromium brings a Vulkan loader and a software driver, which Dawn takes where the system has none. */
const softwareDriver = { LD_LIBRARY_PATH: driver, VK_DRIVER_FILES: join(driver, 'vk_swiftshader_icd.json') };

/** In Node, on the system's own adapter or a software one. */
export async function runInNode(folder: string): Promise<Answer> {
  const bundle = await bundleSteps('node', folder);
  for (const env of [{}, ...(existsSync(softwareDriver.VK_DRIVER_FILES) ? [softwareDriver] : [])]) {
    const child = spawn(process.execPath, ['--input-type=module', '--eval', launcher, bundle], { cwd: here, env: { ...process.env, ...env }, stdio: ['ignore', 'pipe', 'pipe'] });
    let [stdout, stderr] = ['', ''];
    child.stdout.on('data', (chunk: Buffer) => (stdout += chunk.toString()));
    child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
    const code = await new Promise<number | null>((resolve) => child.on('close', resolve));
    const line = stdout.trimEnd().split('\n').at(-1) ?? '';
    if (!line.startsWith('{')) throw new Error(`The process on WebGPU ended with ${code}: ${stderr}`);
    const answer = JSON.parse(line) as Answer;
    if (!('missing' in answer)) return answer;
  }
  return { missing: 'no adapter for WebGPU in Node; install a Vulkan driver, or Chromium, which brings one in software' };
}

/** In headless Chromium, whose software adapter needs no GPU. */
export async function runInChromium(folder: string): Promise<Answer> {
  if (!existsSync(executable)) return { missing: `no browser at ${executable}; install Chromium or set SELFSUP_CHROMIUM` };
  const browser = await chromium.launch({ executablePath: executable, args: ['--no-sandbox', '--enable-unsafe-webgpu', '--use-webgpu-adapter=swiftshader'] });
  try {
    const html = join(folder, 'page.html');
    await writeFile(html, '<!doctype html><title>WebGPU</title>');
    const page = await browser.newPage();
    // A page from a file is a secure context, which WebGPU asks for.
    await page.goto(pathToFileURL(html).href);
    const adapter = await page.evaluate('navigator.gpu?.requestAdapter().then((found) => found !== null)');
    if (adapter !== true) return { missing: `${executable} has no adapter for WebGPU; take a build with SwiftShader` };
    await page.addScriptTag({ content: await readFile(await bundleSteps('browser', folder), 'utf8') });
    return await page.evaluate<Outcomes>('runSteps()');
  } finally {
    await browser.close();
  }
}
