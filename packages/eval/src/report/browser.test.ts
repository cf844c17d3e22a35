import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { launchBrowser, missingBrowser } from '../../test/chromium.ts';
import { hostileNames, hostileReport } from '../../test/report-data.ts';
import { renderReport } from '../index.ts';

describe.skipIf(missingBrowser !== null)(`the report in a browser${missingBrowser ? ` (skipped: ${missingBrowser})` : ''}`, () => {
  const problems: string[] = [];
  const requests: string[] = [];
  let folder = '';
  let browser: Browser;
  let page: Page;

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'selfsup-report-'));
    const path = join(folder, 'report.html');
    writeFileSync(path, renderReport(hostileReport()));
    browser = await launchBrowser();
    page = await browser.newPage({ viewport: { width: 1280, height: 900 } });
    page.on('console', (message) => problems.push(message.text()));
    page.on('pageerror', (error) => problems.push(error.message));
    page.on('request', (request) => requests.push(request.url().slice(0, 22)));
    await page.goto(pathToFileURL(path).href);
  });

  afterAll(async () => {
    await browser?.close();
    rmSync(folder, { recursive: true, force: true });
  });

  it('loads from a file without a request, an error or a hostile name coming alive', async () => {
    expect(requests.filter((url) => !url.startsWith('file:') && url !== 'data:image/png;base64,')).toEqual([]);
    expect(problems).toEqual([]);
    expect(await page.evaluate('window.hacked')).toBeUndefined();
    expect(await page.title()).toContain(hostileNames[0]);
    expect(await page.locator('.legend button').allTextContents()).toEqual(hostileNames);
  });

  it('shows the image and the class of the point under the pointer', async () => {
    const map = page.locator('.map').first();
    await map.scrollIntoViewIfNeeded();
    const box = (await map.boundingBox())!;
    const [x, y] = /class="k2" data-class="2" d="M(\d+) (\d+)h0/.exec(await map.evaluate((svg) => svg.innerHTML))!.slice(1).map(Number);
    await page.mouse.move(box.x + (x! / 1000) * box.width, box.y + (y! / 1000) * box.width);
    expect(await page.locator('#tip').textContent()).toBe(hostileNames[2]);
    // Image 2 of a sprite of four columns.
    expect(await page.locator('#tip .thumb').getAttribute('style')).toMatch(/--col: ?2; ?--row: ?0/);
    await page.mouse.move(2, 2);
    expect(await page.locator('#tip').isVisible()).toBe(false);
  });

  it('reads values off a chart', async () => {
    const chart = page.locator('.chart').first();
    await chart.scrollIntoViewIfNeeded();
    const box = (await chart.boundingBox())!;
    await page.mouse.move(box.x + (450 / 460) * box.width, box.y + box.height / 2);
    const text = await page.locator('#tip').textContent();
    expect(text).toContain('step 499, epoch 10');
    expect(text).toContain(`${hostileNames[1]}: -0.99`);
  });

  it('reads values off a chart by the keyboard', async () => {
    const chart = page.locator('.chart').first();
    await chart.focus();
    await page.keyboard.press('End');
    expect(await page.locator('#tip').textContent()).toContain('step 499, epoch 10');
    await page.keyboard.press('Home');
    expect(await page.locator('#tip').textContent()).toMatch(/^step 2, epoch 1/);
    const first = await page.locator('#tip').textContent();
    await page.keyboard.press('ArrowRight');
    expect(await page.locator('#tip').textContent()).not.toBe(first);
    await page.keyboard.press('Tab');
    expect(await page.locator('#tip').isVisible()).toBe(false);
  });

  it('singles out a class and brings the others back', async () => {
    const button = page.locator('.legend button').nth(1);
    await button.click();
    expect(await button.getAttribute('aria-pressed')).toBe('true');
    expect(await page.locator('.map').first().locator('path.on').getAttribute('data-class')).toBe('1');
    await button.click();
    expect(await page.locator('.map.only').count()).toBe(0);
  });

  it.each([1280, 390])('needs no sideways scrolling at %i pixels', async (width) => {
    await page.setViewportSize({ width, height: 900 });
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(width);
  });

  it('stays alive where a training diverged at its first step and no curve has a value', async () => {
    const [method] = hostileReport().methods;
    const diverged = { ...method!, metrics: method!.metrics.slice(0, 1).map((point) => ({ ...point, loss: NaN })) };
    const path = join(folder, 'diverged.html');
    writeFileSync(path, renderReport({ ...hostileReport(), methods: [diverged] }));
    await page.goto(pathToFileURL(path).href);
    await page.locator('.legend button').nth(1).click();
    expect(await page.locator('.map').first().locator('path.on').getAttribute('data-class')).toBe('1');
    expect(problems).toEqual([]);
  });

  it('is complete without its script', async () => {
    const context = await browser.newContext({ javaScriptEnabled: false });
    const plain = await context.newPage();
    await plain.goto(pathToFileURL(join(folder, 'report.html')).href);
    expect(await plain.locator('svg').count()).toBe(8);
    expect(await plain.locator('table tbody tr').count()).toBe(2);
    await context.close();
  });
});
