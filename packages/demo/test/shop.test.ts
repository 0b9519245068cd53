import { startOtlpSink, startProcess, TEST_LIMIT_MS } from '@costspan/testkit';
import { expect, test } from 'vitest';

const main = new URL('../dist/shop.js', import.meta.url).pathname;

test('the shop without an end sends its spans to where it is told, and closes when asked', async () => {
  const sink = await startOtlpSink();
  const shop = startProcess(process.execPath, [main], {
    env: { ...process.env, OTEL_EXPORTER_OTLP_ENDPOINT: sink.endpoint, SHOP_PACE_MS: '50' },
    timeoutMs: TEST_LIMIT_MS,
  });
  try {
    await shop.waitForEvent('open');
    // More than one day of it.
    const spans = await sink.waitForSpans(60);
    expect(new Set(spans.map(({ resource }) => resource['service.name']))).toEqual(new Set(['shop-support']));
    const { exitCode, stderr } = await shop.stop();
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
  } finally {
    await shop.stop({ signal: 'SIGKILL' });
    await sink.close();
  }
});
