import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { chromium } from 'playwright-core';
import type { Browser } from 'playwright-core';
import { build, defaultClientConditions } from 'vite';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { PageResult } from './browser/page.ts';

// A page that Vite bundles trains in a browser, whether or not it may have threads.

const executablePath = process.env['SELFSUP_CHROMIUM'] ?? '/usr/bin/chromium';
const missing = existsSync(executablePath) ? '' : ` (skipped: no browser at ${executablePath}; install Chromium or set SELFSUP_CHROMIUM)`;
const isolation = { 'Cross-Origin-Opener-Policy': 'same-origin', 'Cross-Origin-Embedder-Policy': 'require-corp' };
const types: Readonly<Record<string, string>> = { '.html': 'text/html', '.js': 'text/javascript' };

/** Serves a folder, cross-origin isolated or not. */
async function serve(folder: string, headers: Readonly<Record<string, string>>): Promise<Server> {
  const server = createServer(({ url = '/' }, response) => {
    const file = join(folder, url === '/' ? 'index.html' : new URL(url, 'http://page').pathname);
    if (!existsSync(file)) return void response.writeHead(404).end();
    response.writeHead(200, { ...headers, 'Content-Type': types[extname(file)] ?? 'application/octet-stream' }).end(readFileSync(file));
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  return server;
}

describe.skipIf(missing !== '')(`in a browser${missing}`, () => {
  let folder = '';
  let browser: Browser;

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'backend-wasm-page-'));
    await build({
      configFile: false, logLevel: 'error', root: fileURLToPath(new URL('browser', import.meta.url)),
      resolve: { conditions: ['@selfsup/source', ...defaultClientConditions] },
      build: { outDir: folder, emptyOutDir: true, chunkSizeWarningLimit: 10_000 },
    });
    browser = await chromium.launch({ executablePath, args: ['--no-sandbox', '--disable-gpu'] });
  });

  afterAll(async () => {
    await browser?.close();
    rmSync(folder, { recursive: true, force: true });
  });

  async function visit(headers: Readonly<Record<string, string>>): Promise<PageResult> {
    const server = await serve(folder, headers);
    const page = await browser.newPage();
    try {
      const problems: string[] = [];
      page.on('pageerror', (error) => problems.push(error.message));
      await page.goto(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
      const result = (await page.evaluate('trained')) as PageResult;
      expect(problems).toEqual([]);
      return result;
    } finally {
      await page.close();
      server.close();
    }
  }

  it('trains with threads when the page is isolated, and without when it is not', async () => {
    const [alone, isolated] = [await visit({}), await visit(isolation)];
    expect(alone).toMatchObject({ isolated: false, threads: 1, workersReady: 0 });
    expect(isolated).toMatchObject({ isolated: true, threads: 2, workersReady: 1 });
    for (const { losses } of [alone, isolated]) {
      expect(losses[0]).toBeGreaterThan(0.3);
      expect(losses[2]).toBeLessThan(losses[0]!);
    }
    expect(isolated.losses[2]).toBeCloseTo(alone.losses[2]!, 4);
  });
});
