import { DEFAULT_CONFIG } from '@costspan/config';
import { expect, it } from 'vitest';
import { createConfiguredPricer } from '../src/pricer.ts';
import { Processor } from '../src/processor.ts';
import { NOW_MS, readMetricsText } from './spans.ts';

/** The span of a call as the preload of a service tells it, in a trace of its own. */
function encodeCall(service: string, responseId: string): Buffer {
  const attributes = {
    'gen_ai.operation.name': 'chat',
    'gen_ai.provider.name': 'openai',
    'gen_ai.request.model': 'gpt-5-mini',
    'gen_ai.response.id': responseId,
  };
  const toList = (entries: object) =>
    Object.entries(entries).map(([key, stringValue]) => ({ key, value: { stringValue } }));
  // Who asks began before, and had its answer after.
  const aroundMs = service === 'shop' ? 5 : 0;
  const span = {
    traceId: Buffer.from(`${service}${responseId}`.padEnd(16).slice(0, 16)).toString('hex'),
    spanId: Buffer.from(`${responseId}${service}`.padEnd(8).slice(0, 8)).toString('hex'),
    name: 'chat gpt-5-mini',
    kind: 3,
    startTimeUnixNano: `${NOW_MS - 300 - aroundMs}000000`,
    endTimeUnixNano: `${NOW_MS + aroundMs}000000`,
    attributes: toList(attributes),
  };
  const scopeSpans = [{ scope: { name: '@costspan/instrumentation' }, spans: [span] }];
  return Buffer.from(
    JSON.stringify({
      resourceSpans: [{ resource: { attributes: toList({ 'service.name': service }) }, scopeSpans }],
    }),
  );
}

it('shows a pair of services that tell the same answer at 0 first, so that increase() sees the first of them', async () => {
  const config = DEFAULT_CONFIG;
  const processor = new Processor({
    config,
    price: createConfiguredPricer(config).price,
    now: () => NOW_MS,
  });
  const tellBoth = async (responseId: string) => {
    for (const service of ['shop', 'proxy'])
      await processor.ingestBody(encodeCall(service, responseId), 'json');
  };
  const read = async (isScrape: boolean) =>
    [
      ...(await readMetricsText(processor, isScrape)).matchAll(
        /^costspan_processor_suspected_\w+\{(.*)\} (\d+)$/gm,
      ),
    ].map(([, labels, value]) => `${labels} ${value}`);
  expect(await read(true)).toEqual([]);
  await tellBoth('r1');
  // Who looks by hand sees what is there.
  const labels = 'service="shop",gateway="proxy"';
  expect(await read(false)).toEqual([`${labels} 1`]);
  expect(await read(true)).toEqual([`${labels} 0`]);
  await tellBoth('r2');
  expect(await read(true)).toEqual([`${labels} 2`]);
});
