import { describe, expect, it } from 'vitest';
import { hostileNames, hostileReport } from '../../test/report-data.ts';
import { renderReport } from '../index.ts';

/** Elements whose end tag HTML leaves out. */
const voids = new Set(['meta']);

/** The names of elements as they open and close; throws where they do not nest. Knows as much HTML as the report uses. */
function elements(html: string): readonly string[] {
  const names: string[] = [];
  const open: string[] = [];
  let at = 0;
  for (let start = html.indexOf('<', at); start >= 0; start = html.indexOf('<', at)) {
    const tag = /^<(?:!doctype html|(\/?)([a-zA-Z][a-zA-Z0-9]*)((?:\s+[a-zA-Z-]+(?:="[^"<]*")?)*)(\/?))>/.exec(html.slice(start, start + 20_000));
    if (!tag) throw new Error(`No tag: ${html.slice(start, start + 80)}`);
    const [text, closing, name = '', , selfClosing] = tag;
    at = start + text.length;
    if (name === '') continue;
    if (closing) {
      if (open.pop() !== name) throw new Error(`</${name}> does not close what is open: ${html.slice(start - 80, at)}`);
      continue;
    }
    names.push(name);
    if (!selfClosing && !voids.has(name)) open.push(name);
    if (name === 'script' || name === 'style') at = html.indexOf(`</${name}`, at);
  }
  if (open.length > 0) throw new Error(`Never closed: ${open.join(', ')}`);
  return names;
}

const embedded = (html: string): unknown => JSON.parse(/id="data">(.*?)<\/script>/.exec(html)![1]!);

describe('renderReport', () => {
  it('nests its elements, with every hostile text left as text', () => {
    const names = elements(renderReport(hostileReport()));
    expect(names.filter((name) => name === 'script')).toHaveLength(2);
    expect(names).not.toContain('img');
    expect(names.filter((name) => name === 'h2')).toHaveLength(4);
    // Two losses, spread, kNN, learning rate and speed; two maps.
    expect(names.filter((name) => name === 'svg')).toHaveLength(6 + 2);
  });

  it('makes no request', () => {
    const html = renderReport(hostileReport());
    expect(html).not.toMatch(/https?:\/\//);
    expect(html).not.toMatch(/\b(?:src|href)="/);
    expect(html.match(/url\((?!data:image\/png;base64,)/)).toBeNull();
    expect(html).toContain("default-src 'none'");
  });

  it('hands class names to its script as they are', () => {
    expect(embedded(renderReport(hostileReport()))).toMatchObject({ classes: hostileNames, columns: 4 });
  });

  it('shows accuracies with their protocols, the best one marked', () => {
    const html = renderReport(hostileReport());
    expect(html).toContain('<td class="best">81.2 %<sup>1</sup>');
    expect(html).toContain('<td>70.0 %<sup>1</sup>');
    expect(html).toContain('50.0 %<sup>2</sup>');
    expect(html).toContain('<li>linear probe</li>');
    expect(html).toContain('12.3');
  });

  it('marks neighbours by class', () => {
    const html = renderReport(hostileReport());
    expect(html).toContain("1 of 3 share the query's class");
    expect(html.match(/class="thumb same"/g)).toHaveLength(1);
    expect(html.match(/class="thumb other"/g)).toHaveLength(2);
  });

  it('is the same text for the same data', () => {
    expect(renderReport(hostileReport())).toBe(renderReport(hostileReport()));
  });

  it('leaves out what is not given', () => {
    const html = renderReport({ title: 'Empty', config: {}, table: [], methods: [] });
    expect(elements(html)).not.toContain('section');
    const plain = renderReport({ title: 'Plain', config: {}, table: [], methods: [{ name: 'm', metrics: [], map: [{ x: 1, y: 2 }] }] });
    expect(elements(plain)).toContain('svg');
  });

  it('draws what is finite of a training that diverged', () => {
    const losses = [1, 0.5, Number.NaN, Number.POSITIVE_INFINITY];
    const metrics = losses.map((loss, step) => ({ step, epoch: 0, loss }));
    const html = renderReport({ title: 'Diverged', config: {}, table: [], methods: [{ name: 'm', metrics }] });
    expect(html).not.toMatch(/d="[^"]*(?:NaN|Infinity)/);
    expect(html).toMatch(/class="line s0" d="M[\d.]+ [\d.]+L[\d.]+ [\d.]+"/);
  });

  it.each([
    ['labels for other images', { labels: [0] }],
    ['a label without a name', { classes: ['one'] }],
    ['a neighbour outside the pool', { methods: [{ name: 'm', metrics: [], neighbours: [{ query: 0, neighbours: [12] }] }] }],
    ['more points than images', { methods: [{ name: 'm', metrics: [], map: Array.from({ length: 13 }, () => ({ x: 0, y: 0 })) }] }],
    ['half an image', { images: { width: 5, height: 5, channels: 1, data: new Uint8Array(30) } }],
  ])('refuses %s', (_name, change) => {
    expect(() => renderReport({ ...hostileReport(), ...change })).toThrowError(expect.objectContaining({ code: 'mismatch' }));
  });
});
