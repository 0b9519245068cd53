import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type OtlpSink, type SinkSpan, startOtlpSink } from '@costspan/testkit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { requireCollector, suffixOf } from '../real-parts.ts';
import { type CollectorProcess, startCollector } from './collector.ts';
import { callAttributes, encodeTraces, postTraces, randomTraceId } from './otlp.ts';

const collector = requireCollector();

const PROMPT = 'zebra-canary';
const KEY = 'sk-proj-canary0123456789abcdef';
const EMAIL = 'canary.person@example.com';
const CANARIES = [PROMPT, KEY, 'canary.person'];

/** Where emitters put prompts, completions and what they read or called. */
const CONTENT_NAMES = [
  'gen_ai.input.messages',
  'gen_ai.output.messages',
  'gen_ai.system_instructions',
  'gen_ai.tool.definitions',
  'gen_ai.tool.call.arguments',
  'gen_ai.tool.call.result',
  'gen_ai.prompt',
  'gen_ai.prompt.0.content',
  'gen_ai.completion.0.tool_calls.0.arguments',
  'traceloop.entity.input',
  'input.value',
  'output.value',
  'llm.input_messages.0.message.content',
  'llm.output_messages.0.message.content',
  'llm.prompts.0',
  'retrieval.documents.0.document.content',
  'ai.prompt',
  'ai.prompt.messages',
  'ai.response.text',
  'ai.response.toolCalls',
  'ai.toolCall.args',
  'pydantic_ai.all_messages',
];
const content = Object.fromEntries(CONTENT_NAMES.map((name) => [name, `[{"text":"${PROMPT}"}]`]));

const secretSpan = {
  attributes: callAttributes(0.0025, {
    ...content,
    'costspan.task.id': `ticket of ${EMAIL}`,
    'user.id': EMAIL,
    'http.request.header.authorization': [`Bearer ${KEY}`],
    'url.full': `https://provider.test/v1?key=${KEY}`,
    'gen_ai.response.finish_reasons': ['stop'],
    'gen_ai.completion.0.finish_reason': 'stop',
    'llm.system': 'openai',
  }),
  events: [
    { name: 'gen_ai.user.message', attributes: { content: PROMPT } },
    { name: 'exception', attributes: { 'exception.type': 'Error', 'exception.message': PROMPT } },
  ],
  status: { code: 2, message: `bad key ${KEY} for ${PROMPT}` },
};

describe.skipIf(collector.path === undefined)(`what the Collector lets through${suffixOf(collector)}`, () => {
  const folder = mkdtempSync(join(tmpdir(), 'costspan-redaction-'));
  let cost: OtlpSink;
  let store: OtlpSink;
  let gateway: CollectorProcess;

  beforeAll(async () => {
    cost = await startOtlpSink();
    store = await startOtlpSink();
    gateway = await startCollector({
      path: collector.path!,
      config: 'otel-collector.yaml',
      folder,
      env: {
        COSTSPAN_PROCESSOR_URL: cost.endpoint,
        OTEL_RESOURCE_ATTRIBUTES: 'deployment.environment.name=test',
      },
      overrides: [
        'exporters::otlp_http/costspan::encoding: json',
        'exporters::otlp_http/costspan::retry_on_failure::initial_interval: 100ms',
        `{exporters: {otlp_http/store: {endpoint: '${store.endpoint}', encoding: json}}}`,
        'service::pipelines::traces/store::exporters: [otlp_http/store]',
        'processors::tail_sampling::decision_wait: 500ms',
      ],
    });
  });
  afterAll(async () => {
    await gateway?.process.stop();
    await cost?.close();
    await store?.close();
    rmSync(folder, { recursive: true, force: true });
  });

  const leaks = (text: string) => CANARIES.filter((canary) => text.includes(canary));
  const queued = () =>
    readdirSync(join(folder, 'queue'))
      .map((name) => readFileSync(join(folder, 'queue', name), 'latin1'))
      .join('');

  it('has no prompt, key or address, neither on the way nor in the queue on disk', async () => {
    cost.setMode('unavailable');
    expect(
      await postTraces(gateway.otlp, encodeTraces([secretSpan], { resource: { 'host.owner': EMAIL } })),
    ).toBe(200);
    await expect.poll(() => cost.requests.length).toBeGreaterThan(1);
    const disk = queued();
    expect(disk).toContain('gpt-4o-mini');
    expect(leaks(disk)).toEqual([]);
    cost.setMode('ok');
    const [span] = await cost.waitForSpans(1);
    expect(leaks(JSON.stringify(span))).toEqual([]);
  });

  it('keeps all that counts', () => {
    const [span] = cost.spans;
    expect(span!.attributes).toMatchObject({
      'gen_ai.usage.input_tokens': 100,
      'gen_ai.usage.cost.amount': 0.0025,
      'gen_ai.response.finish_reasons': ['stop'],
      'gen_ai.completion.0.finish_reason': 'stop',
      'llm.system': 'openai',
      'costspan.feature': 'support',
    });
    expect(span!.resource).toMatchObject({ 'service.name': 'shop', 'deployment.environment.name': 'test' });
    expect(span!.events.map(({ attributes }) => attributes)).toEqual([{}, { 'exception.type': 'Error' }]);
  });

  it('tells two people and two tasks apart', async () => {
    const of = (person: string) => ({
      attributes: callAttributes(0.001, { 'costspan.task.id': `ticket of ${person}`, 'user.id': person }),
    });
    cost.clear();
    await postTraces(gateway.otlp, encodeTraces([of(EMAIL), of('another@example.com'), of(EMAIL)]));
    const spans = await cost.waitForSpans(3);
    const idsOf = (name: string) => spans.map(({ attributes }) => attributes[name]);
    for (const name of ['user.id', 'costspan.task.id']) {
      const [first, second, third] = idsOf(name);
      expect(first).not.toBe(second);
      expect(third).toBe(first);
      expect(String(first)).toMatch(/[0-9a-f]{64}$/);
    }
  });

  it('samples for the trace store only: every call reaches the cost', async () => {
    cost.clear();
    store.clear();
    const [failed, dear] = [randomTraceId(), randomTraceId()];
    const cheap = Array.from({ length: 100 }, () => ({ attributes: callAttributes(0.001) }));
    const kept = [
      { traceId: failed, attributes: callAttributes(0.001), status: { code: 2 } },
      { traceId: dear, attributes: callAttributes(0.5) },
    ];
    // The application's sampler had dropped it; it was sent for its cost.
    const unsampled = { attributes: callAttributes(0.5), flags: 0x100 };
    await postTraces(gateway.otlp, encodeTraces([unsampled], { scope: '@costspan/instrumentation' }));
    await postTraces(gateway.otlp, encodeTraces([...cheap, ...kept]));
    const counted = await cost.waitForSpans(103);
    expect(counted).toHaveLength(103);
    const traceIds = (spans: readonly SinkSpan[]) => new Set(spans.map(({ traceId }) => traceId));
    await expect.poll(() => [failed, dear].filter((id) => traceIds(store.spans).has(id)).length).toBe(2);
    // A tenth of a hundred; that all of them are kept is 1 in 10^100.
    expect(store.spans.length).toBeLessThan(100);
    expect(store.spans.filter(({ scope }) => scope.name === '@costspan/instrumentation')).toEqual([]);
  });
});
