import { type Span, SpanKind, SpanStatusCode } from '@opentelemetry/api';
import { JsonTraceSerializer, ProtobufTraceSerializer } from '@opentelemetry/otlp-transformer';
import { resourceFromAttributes } from '@opentelemetry/resources';
import {
  InMemorySpanExporter,
  type ReadableSpan,
  SimpleSpanProcessor,
  TracerProvider,
} from '@opentelemetry/sdk-trace';
import type { Processor } from '../src/index.ts';

/** What a look at the metrics shows now, or a scrape of Prometheus. */
export async function readMetricsText(processor: Processor, isScrape = false): Promise<string> {
  let text = '';
  for await (const piece of await processor.renderMetrics(isScrape)) text += piece;
  return text;
}

/** 22 November 2026, noon UTC. */
export const NOW_MS = Date.UTC(2026, 10, 22, 12);
export const RESOURCE = { 'service.name': 'shop', 'deployment.environment.name': 'prod', 'host.name': 'h1' };

/** Attributes of a call that cost one cent, as the preload writes them; the messages are what nobody reads here. */
export const CALL = {
  'gen_ai.operation.name': 'chat',
  'gen_ai.provider.name': 'openai',
  'gen_ai.request.model': 'gpt-5-mini',
  'gen_ai.request.stream': true,
  'gen_ai.response.finish_reasons': ['stop', 'length'],
  'gen_ai.usage.input_tokens': 1_000,
  'gen_ai.usage.output_tokens': 100,
  'gen_ai.usage.cost.amount': 0.01,
  'gen_ai.usage.cost.currency': 'USD',
  'gen_ai.usage.cost.source': 'local',
  'costspan.cost.status': 'priced',
  'costspan.cost.cache_savings': -0.000001,
  'costspan.feature': 'Übersicht/support-chat/with-a-long-name',
  'costspan.task.id': 'task-1',
  'costspan.task.name': 'resolve',
  'gen_ai.input.messages': JSON.stringify([{ role: 'user', content: 'x'.repeat(5_000) }]),
};
const { 'gen_ai.input.messages': _messages, 'gen_ai.request.stream': _stream, ...decoded } = CALL;
/** What is decoded of them: what somebody asks for. */
export const DECODED_CALL = decoded;
export const TASK = {
  'costspan.task.id': 'task-1',
  'costspan.task.name': 'resolve',
  'costspan.feature': 'Übersicht/support-chat/with-a-long-name',
  'costspan.task.outcome': 'success',
  'costspan.task.outcome.source': 'api',
};

/** Spans as the OpenTelemetry SDK ends them: one call, which failed, in one task; an event, a link, a tool span. */
export function recordSpans(): ReadableSpan[] {
  const exporter = new InMemorySpanExporter();
  const provider = new TracerProvider({
    resource: resourceFromAttributes(RESOURCE),
    spanProcessors: [new SimpleSpanProcessor({ exporter })],
  });
  const tracer = provider.getTracer('@costspan/instrumentation', '0.1.0');
  const start = (
    name: string,
    kind: SpanKind,
    attributes: Record<string, string | number | boolean | string[]>,
  ): Span => tracer.startSpan(name, { kind, attributes, startTime: NOW_MS - 1_500.25 });
  const call = start('chat gpt-5-mini', SpanKind.CLIENT, CALL);
  call.setStatus({ code: SpanStatusCode.ERROR, message: 'overloaded' });
  call.addEvent('gen_ai.client.operation.exception', { 'exception.type': 'APIError' }, NOW_MS);
  const tool = start('execute_tool lookup', SpanKind.INTERNAL, { 'gen_ai.operation.name': 'execute_tool' });
  tool.addLink({ context: call.spanContext() });
  const task = start('task resolve', SpanKind.INTERNAL, TASK);
  for (const span of [call, tool, task]) span.end(NOW_MS);
  return exporter.getFinishedSpans();
}

export const encodeProtobuf = (spans: ReadableSpan[]): Buffer =>
  Buffer.from(ProtobufTraceSerializer.serializeRequest(spans) ?? []);
export const encodeJson = (spans: ReadableSpan[]): Buffer =>
  Buffer.from(JsonTraceSerializer.serializeRequest(spans) ?? []);

/** Reproducible numbers in [0, 1): mulberry32. */
export function createRandom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}
