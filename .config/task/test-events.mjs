/** A reporter of `node --test`: one JSON line per test. */
export default async function* testEvents(events) {
  for await (const { type, data } of events) {
    if ((type !== 'test:pass' && type !== 'test:fail') || data.details.type === 'suite') continue;
    const { name, file, details } = data;
    yield `${JSON.stringify({ name, file, status: type === 'test:pass' ? 'passed' : 'failed', error: details.error?.cause?.message })}\n`;
  }
}
