import type { SpanView } from '@costspan/aggregate';
import { INSTRUMENTATION_SCOPE } from '@costspan/semconv';
import { expect, it } from 'vitest';
import { orderSpans } from '../src/receive/spans.ts';

const span = (
  spanId: string,
  times: readonly [number, number],
  attributes: SpanView['attributes'],
): SpanView => ({
  traceId: '0af7651916cd43dd8448eb211c80319c',
  spanId,
  parentSpanId: '',
  name: 'chat',
  kind: 'client',
  startMs: times[0],
  endMs: times[1],
  attributes,
  resource: {},
  scopeName: 'any',
  events: [],
  hasErrorStatus: false,
});
const CHAT = { 'gen_ai.operation.name': 'chat' };
const idsOf = (spans: readonly SpanView[]): string[] => orderSpans(spans).map(({ spanId }) => spanId);

it('has what is inside before what is around it', () => {
  const used = { ...CHAT, 'gen_ai.usage.input_tokens': 1 };
  expect(
    idsOf([span('outer', [0, 9], used), span('inner', [1, 9], used), span('last', [2, 10], used)]),
  ).toEqual(['inner', 'outer', 'last']);
});

it('has a call that tells no usage last: a layer that reads a copy of a stream may end before the stream', () => {
  const used = { ...CHAT, 'gen_ai.usage.output_tokens': 1 };
  const priced = { ...CHAT, 'gen_ai.usage.cost.amount': 0 };
  const agent = { 'gen_ai.operation.name': 'invoke_agent' };
  const spans = [
    span('layer', [0, 8], CHAT),
    span('call', [1, 9], used),
    span('priced', [1, 10], priced),
    span('agent', [0, 11], agent),
  ];
  expect(idsOf(spans)).toEqual(['call', 'priced', 'agent', 'layer']);
});

it("has costspan's own calls before what others tell of them, whoever ended first", () => {
  const used = { ...CHAT, 'gen_ai.usage.output_tokens': 1 };
  const own = (...of: Parameters<typeof span>): SpanView => ({
    ...span(...of),
    scopeName: INSTRUMENTATION_SCOPE,
  });
  const spans = [span('layer', [0, 8], used), own('own', [1, 9], used), own('unknown', [1, 7], CHAT)];
  expect(idsOf(spans)).toEqual(['own', 'layer', 'unknown']);
});
