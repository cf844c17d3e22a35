import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { outsideFolder } from './outside.mjs';
import { readJson, root, run, say } from './run.mjs';

/**
 * The command line as it is installed from the tarballs: trains on the embedded images, uses the encoder in processes of
 * their own, and opens the report in a browser.
 */
export async function endToEnd(context) {
  const folder = await outsideFolder(context);
  if (!folder) return [{ name: 'installing the packed packages', status: 'failed' }];
  say('End to end: the installed command line on the embedded images');
  const selfsup = (...args) => run(join(folder, 'node_modules', '.bin', 'selfsup'), args, { cwd: folder, capture: true });
  const outcomes = [];
  const check = async (name, work) => {
    const problem = await work().catch((error) => error.stack);
    if (problem) console.log(`${name}: ${problem}`);
    outcomes.push({ name, status: problem ? 'failed' : 'passed' });
  };
  const encoder = join('runs', 'e2e', 'encoder');

  await check('the tasks explain themselves', async () => {
    for (const task of ['test', 'bench', 'build', 'setup']) {
      const { code, output } = await run(process.execPath, [join(root, '.config', 'task.mjs'), task, '--help'], { capture: true });
      if (code !== 0 || !output.startsWith(`${task} `)) return output;
    }
    return undefined;
  });
  await check('selfsup --version is the version of the package', async () => {
    const { code, output } = await selfsup('--version');
    const { version } = readJson(join(root, 'packages', 'selfsup', 'package.json'));
    return code !== 0 || !output.includes(version) ? output : undefined;
  });
  await check('selfsup train leaves results better than chance, a report and an encoder', async () => {
    const { code, output } = await selfsup('train', 'simsiam', '--epochs', '1', '--width', '4', '--name', 'e2e');
    console.log(output.trimEnd());
    if (code !== 0) return `exit code ${code}`;
    const { rows } = readJson(join(folder, 'runs', 'e2e', 'results.json'));
    const names = rows.map((row) => row.name).join();
    if (names !== 'raw-pixels,random-encoder,simsiam') return `results.json has the rows ${names}`;
    // Ten classes in equal parts: chance is 0.1.
    const poor = rows.find(({ knn, linear }) => !(knn > 0.3 && knn <= 1 && linear > 0.3 && linear <= 1));
    return poor && `results.json has ${JSON.stringify(poor)}`;
  });
  await check('selfsup embed gives identical features in two processes', async () => {
    for (const name of ['one', 'two']) {
      const { code, output } = await selfsup('embed', encoder, '--split', 'test', '--output', `${name}.npy`);
      if (code !== 0) return output;
    }
    const [one, two] = ['one', 'two'].map((name) => readFileSync(join(folder, `${name}.npy`)));
    return one.length > 2000 * 4 && one.equals(two) ? undefined : `the files differ, or are too short (${one.length} bytes)`;
  });
  await check('selfsup export leaves an ONNX file, and cards whose programs run', async () => {
    for (const format of ['onnx', 'tfjs', 'safetensors']) {
      const { code, output } = await selfsup('export', join('runs', 'e2e'), '--to', format);
      if (code !== 0) return output;
      const path = join(folder, 'runs', 'e2e', `export-${format}`);
      const [, program] = /^```js\n(.*?)^```$/ms.exec(readFileSync(join(path, 'README.md'), 'utf8'));
      // onnxruntime-node is not installed here.
      if (format === 'onnx') continue;
      writeFileSync(join(path, 'program.mjs'), program);
      const ran = await run(process.execPath, ['program.mjs'], { cwd: path, capture: true });
      if (ran.code !== 0 || !ran.output.includes('[ 2, 16 ]')) return ran.output;
    }
    return undefined;
  });
  await check('a wrong call is one sentence and exit code 2', async () => {
    const { code, output } = await selfsup('train', 'simsiam', '--epochs', 'many');
    return code === 2 && output.trim().split('\n').length === 1 ? undefined : `exit code ${code}: ${output}`;
  });

  const browser = 'the report shows itself in a browser';
  if (!context.chromium) return [...outcomes, { name: browser, status: 'skipped' }];
  await check(browser, () => openReport(context.chromium, join(folder, 'runs', 'e2e', 'report.html')));
  return outcomes;
}

/** Opens a self-contained page and answers what is wrong with it. */
async function openReport(executablePath, file) {
  const { chromium } = await import('playwright-core');
  const browser = await chromium.launch({ executablePath, args: ['--no-sandbox'] });
  try {
    const page = await browser.newPage({ viewport: { width: 1200, height: 900 } });
    const problems = [];
    page.on('pageerror', (error) => problems.push(`error: ${error.message}`));
    page.on('request', (request) => {
      if (!/^(file|data|blob):/.test(request.url())) problems.push(`it asks the network for ${request.url()}`);
    });
    await page.goto(pathToFileURL(file).href);
    const drawn = await page.locator('svg, canvas').count();
    if (drawn < 2) problems.push(`only ${drawn} figures are drawn`);
    const text = await page.locator('body').innerText();
    for (const word of ['loss', 'kNN']) if (!text.includes(word)) problems.push(`it does not mention ${word}`);
    return problems.join('; ') || undefined;
  } finally {
    await browser.close();
  }
}
