import { expect, test } from 'vitest';
import { createReporter } from './reporter.ts';

/** What was written to a terminal of some width, or to something that is none. */
function stream(columns?: number): { readonly written: string[]; readonly stream: NodeJS.WriteStream } {
  const written: string[] = [];
  const write = (text: string): boolean => written.push(text) > 0;
  return { written, stream: { isTTY: columns !== undefined, columns, write } as unknown as NodeJS.WriteStream };
}

test('progress takes one line of the terminal: the longest text that fits, and of the last as much as does', () => {
  const texts = ['a long text of thirty-six letters in', 'a text of twenty-five', 'a text'] as const;
  for (const [columns, expected] of [[37, texts[0]], [36, texts[1]], [22, texts[1]], [21, texts[2]]] as const) {
    const { written, stream: terminal } = stream(columns);
    const reporter = createReporter({ json: false, stream: terminal });
    reporter.progress(...texts);
    expect(written.join('')).toContain(expected);
    reporter.say('done');
    expect(written.slice(-2)).toEqual(['\r\u001b[2K', 'done\n']);
  }
  const { written, stream: narrow } = stream(21);
  createReporter({ json: false, stream: narrow }).progress('x'.repeat(80));
  expect(written.join('').match(/x/g)).toHaveLength(20);
});

test('without a terminal there is no progress, and a warning is told once', () => {
  const { written, stream: file } = stream();
  const reporter = createReporter({ json: false, stream: file });
  reporter.progress('working');
  reporter.warn('beware');
  reporter.warn('beware');
  expect(written).toHaveLength(1);
  expect(written[0]).toMatch(/warning.* beware\n$/);
});

test('as JSON there is a record a line, warnings too, and nothing else', () => {
  const { written, stream: terminal } = stream(80);
  const reporter = createReporter({ json: true, stream: terminal });
  reporter.say('hello');
  reporter.progress('working');
  reporter.record({ type: 'step', loss: 1 });
  reporter.warn('beware');
  expect(written).toEqual(['{"type":"step","loss":1}\n', '{"type":"warning","message":"beware"}\n']);
});
