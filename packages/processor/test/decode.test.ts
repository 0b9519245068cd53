import { describe, expect, it } from 'vitest';
import { decodeProtobuf } from '../src/receive/decode.ts';
import { decodeJson } from '../src/receive/decode-json.ts';
import type { SpanBatch } from '../src/receive/spans.ts';
import { MalformedError } from '../src/receive/wire.ts';
import { encodeRequest } from './otlp-protobuf.ts';
import {
  createRandom,
  DECODED_CALL,
  encodeJson,
  encodeProtobuf,
  NOW_MS,
  RESOURCE,
  recordSpans,
  TASK,
} from './spans.ts';

const FORMATS = [
  ['protobuf', encodeProtobuf, decodeProtobuf],
  ['JSON', encodeJson, decodeJson],
] as const;

describe.each(FORMATS)('%s of the OpenTelemetry SDK', (_, encode, decode) => {
  it('becomes spans with what is needed, and no prompts', () => {
    const recorded = recordSpans();
    const { 'host.name': _host, ...resource } = RESOURCE;
    const expected = [
      { name: 'chat gpt-5-mini', kind: 'client', hasErrorStatus: true, attributes: DECODED_CALL },
      {
        name: 'execute_tool lookup',
        kind: 'internal',
        hasErrorStatus: false,
        attributes: { 'gen_ai.operation.name': 'execute_tool' },
      },
      { name: 'task resolve', kind: 'internal', hasErrorStatus: false, attributes: TASK },
    ].map((span, index) => ({
      ...span,
      traceId: recorded[index]!.spanContext().traceId,
      spanId: recorded[index]!.spanContext().spanId,
      parentSpanId: '',
      startMs: NOW_MS - 1_500.25,
      endMs: NOW_MS,
      resource,
      scopeName: '@costspan/instrumentation',
    }));
    expect(decode(encode(recorded))).toEqual({ spans: expected, rejected: [] });
  });

  it('is refused as malformed wherever it is cut', () => {
    const body = encode(recordSpans());
    let refused = 0;
    for (let length = 1; length < body.length; length += 7) {
      if (tryDecode(decode, body.subarray(0, length)) === undefined) refused += 1;
    }
    expect(refused).toBeGreaterThan(body.length / 7 - 3);
  });

  it('never does anything but decode or refuse, whatever is in it (2,000 mutations)', () => {
    const random = createRandom(7);
    const valid = encode(recordSpans());
    let refused = 0;
    for (let run = 0; run < 2_000; run += 1) {
      if (tryDecode(decode, mutate(random, valid)) === undefined) refused += 1;
    }
    // Both happen: the mutations are neither all harmless nor all fatal.
    expect(refused).toBeGreaterThan(200);
    expect(refused).toBeLessThan(1_950);
  });
});

/** Undefined when refused; anything but a refusal fails the test. */
function tryDecode(decode: (body: Buffer) => SpanBatch, body: Buffer): SpanBatch | undefined {
  try {
    return decode(body);
  } catch (error) {
    if (error instanceof MalformedError) return undefined;
    throw error;
  }
}

function mutate(random: () => number, valid: Buffer): Buffer {
  const position = () => Math.floor(random() * valid.length);
  const way = random();
  if (way < 0.2) return valid.subarray(0, position());
  if (way < 0.4) return Buffer.concat([valid.subarray(0, position()), valid.subarray(position())]);
  const body = Buffer.from(valid);
  // Near the start most bytes are tags and lengths; further on most are text.
  const reach = way < 0.7 ? 400 : body.length;
  for (let count = 0; count < 1 + random() * 8; count += 1) {
    body[Math.floor(random() * Math.min(reach, body.length))] = Math.floor(random() * 256);
  }
  return body;
}

describe('protobuf', () => {
  const bytes = (...values: number[]) => Buffer.from(values);
  it.each([
    ['a varint without end', bytes(0x0a, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80)],
    ['field number 0', bytes(0x02, 0x00)],
    ['a group', bytes(0x0b, 0x0c)],
    ['a length beyond the end', bytes(0x0a, 0x7f)],
    ['a length of 2^63', bytes(0x0a, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f)],
    ['a number where a message belongs', bytes(0x08, 0x01)],
    ['text', Buffer.from('hello world')],
  ])('with %s is malformed', (_, body) => {
    expect(() => decodeProtobuf(body)).toThrow(MalformedError);
  });

  it('nested too deep is malformed', () => {
    let value = Buffer.from([0x0a, 0x01, 0x61]);
    const wrap = (field: number, inner: Buffer) => Buffer.concat([encodeTag(field, inner.length), inner]);
    for (let depth = 0; depth < 40; depth += 1) value = wrap(5, wrap(1, value));
    const attribute = Buffer.concat([wrap(1, Buffer.from('gen_ai.request.model')), wrap(2, value)]);
    const body = wrap(1, wrap(2, wrap(2, wrap(9, attribute))));
    expect(() => decodeProtobuf(body)).toThrow('attribute value is nested too deep');
  });

  it('of no bytes holds no spans', () => {
    expect(decodeProtobuf(Buffer.alloc(0))).toEqual({ spans: [], rejected: [] });
  });

  it('keeps fields in any order, skips unknown ones and reads negative integers', () => {
    const wrap = (field: number, inner: Buffer) => Buffer.concat([encodeTag(field, inner.length), inner]);
    const minusOne = Buffer.from([0x18, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01]);
    const nanos = (tag: number, ms: number) => {
      const field = Buffer.alloc(9);
      field[0] = tag;
      field.writeBigUInt64LE(BigInt(ms) * 1_000_000n, 1);
      return field;
    };
    const span = Buffer.concat([
      nanos(0x41, NOW_MS),
      Buffer.from([0xa0, 0x06, 0x2a]),
      wrap(9, Buffer.concat([wrap(2, minusOne), wrap(1, Buffer.from('gen_ai.usage.input_tokens'))])),
      nanos(0x39, NOW_MS - 1),
      wrap(2, Buffer.alloc(8, 0xcd)),
      wrap(1, Buffer.alloc(16, 0xab)),
    ]);
    const resource = wrap(
      1,
      wrap(1, Buffer.concat([wrap(1, Buffer.from('service.name')), wrap(2, wrap(1, Buffer.from('shop')))])),
    );
    const body = wrap(1, Buffer.concat([wrap(2, wrap(2, span)), resource]));
    expect(decodeProtobuf(body).spans).toEqual([
      {
        traceId: 'ab'.repeat(16),
        spanId: 'cd'.repeat(8),
        parentSpanId: '',
        name: '',
        kind: 'unspecified',
        startMs: NOW_MS - 1,
        endMs: NOW_MS,
        hasErrorStatus: false,
        attributes: { 'gen_ai.usage.input_tokens': -1 },
        resource: { 'service.name': 'shop' },
        scopeName: '',
      },
    ]);
  });
});

function encodeTag(field: number, length: number): Buffer {
  const bytes = [field * 8 + 2];
  let rest = length;
  while (rest >= 128) {
    bytes.push((rest % 128) + 128);
    rest = Math.floor(rest / 128);
  }
  return Buffer.from([...bytes, rest]);
}

it('knows a key among 20,000 others, in whatever order they come', () => {
  const random = createRandom(11);
  const keys = Array.from({ length: 20_000 }, (_, index) => `app.key.${index}`);
  for (let run = 0; run < 300; run += 1) {
    const others = Array.from({ length: 100 }, () => keys[Math.floor(random() * keys.length)]!);
    const attributes = [...others, 'gen_ai.request.model', ...others.slice(50), 'http.route'].map((key) => ({
      key,
      value: { stringValue: `${key} of ${run}` },
    }));
    const ids = { traceId: 'ab'.repeat(16), spanId: 'cd'.repeat(8) };
    const times = { startTimeUnixNano: `${NOW_MS}000000`, endTimeUnixNano: `${NOW_MS}000000` };
    const spans = [{ ...ids, ...times, attributes }];
    const body = encodeRequest({ resourceSpans: [{ scopeSpans: [{ spans }] }] });
    expect(decodeProtobuf(body).spans.map((one) => one.attributes)).toEqual([
      { 'gen_ai.request.model': `gen_ai.request.model of ${run}`, 'http.route': `http.route of ${run}` },
    ]);
  }
});

describe('JSON', () => {
  const batch = (span: object) =>
    decodeJson(Buffer.from(JSON.stringify({ resourceSpans: [{ scopeSpans: [{ spans: [span] }] }] })));
  const SPAN = {
    traceId: 'AB'.repeat(16),
    spanId: 'cd'.repeat(8),
    kind: 'SPAN_KIND_SERVER',
    startTimeUnixNano: '1795348800000000001',
    endTimeUnixNano: 1_795_348_800_000_000_000,
    status: { code: 'STATUS_CODE_ERROR' },
  };

  it('takes ids in capitals, enums by name, and times as text or number', () => {
    expect(batch(SPAN).spans).toMatchObject([
      {
        traceId: 'ab'.repeat(16),
        kind: 'server',
        hasErrorStatus: true,
        startMs: 1_795_348_800_000,
        endMs: 1_795_348_800_000,
      },
    ]);
  });

  it.each([
    [{ doubleValue: '0.25' }, 0.25],
    [{ doubleValue: '-2.5e-1' }, -0.25],
    [{ doubleValue: 'Infinity' }, Number.POSITIVE_INFINITY],
    [{ intValue: '7' }, 7],
    [{ intValue: '7.0' }, 7],
    [{ intValue: '7E2' }, 700],
    [{ intValue: 7 }, 7],
  ])('takes numbers as numbers or as text: %j', (value, expected) => {
    const attributes = [{ key: 'gen_ai.usage.cost.amount', value }];
    expect(batch({ ...SPAN, attributes }).spans[0]?.attributes).toEqual({
      'gen_ai.usage.cost.amount': expected,
    });
  });

  it.each([
    { doubleValue: '' },
    { doubleValue: '1,5' },
    { doubleValue: '0x10' },
    { intValue: '7.5' },
    { intValue: ' 7' },
  ])('takes no number that is none: %j', (value) => {
    const attributes = [{ key: 'gen_ai.usage.cost.amount', value }];
    expect(() => batch({ ...SPAN, attributes })).toThrow(MalformedError);
  });

  it.each([
    ['an array', '[]'],
    ['a number', '7'],
    ['nothing', ''],
    ['spans that are no array', '{"resourceSpans":{}}'],
    ['an entry that is no object', '{"resourceSpans":[null]}'],
    ['brackets without end', '['.repeat(200_000)],
    [
      'a name that is no text',
      JSON.stringify({ resourceSpans: [{ scopeSpans: [{ spans: [{ ...SPAN, name: {} }] }] }] }),
    ],
    [
      'a time that is no number',
      JSON.stringify({ resourceSpans: [{ scopeSpans: [{ spans: [{ ...SPAN, endTimeUnixNano: 'now' }] }] }] }),
    ],
  ])('with %s is malformed', (_, text) => {
    expect(() => decodeJson(Buffer.from(text))).toThrow(MalformedError);
  });

  it('names the reason for each span that cannot be counted', () => {
    expect(batch({ ...SPAN, traceId: '0'.repeat(32) }).rejected).toEqual(['invalid_trace_id']);
    expect(batch({ ...SPAN, spanId: 'xyz' }).rejected).toEqual(['invalid_span_id']);
    expect(batch({ ...SPAN, endTimeUnixNano: 0 }).rejected).toEqual(['invalid_time']);
    expect(batch({ ...SPAN, startTimeUnixNano: '99999999999999999999' }).rejected).toEqual(['invalid_time']);
  });

  it.each([
    { resource_spans: [{ scope_spans: [{ spans: [{}, {}] }] }] },
    {
      resource_spans: [{ scopeSpans: [{ spans: [{}] }] }, { instrumentationLibrarySpans: [{ spans: [{}] }] }],
    },
    { resourceSpans: [{ scope_spans: [{ spans: [{}, {}] }] }] },
    { resource_spans: [7, { scope_spans: {} }, { scope_spans: [null, { spans: [{}, 7, {}] }] }] },
  ])('counts the spans that stand where OTLP has none: %j', (request) => {
    const read = decodeJson(Buffer.from(JSON.stringify(request)));
    expect(read).toEqual({ spans: [], rejected: ['misnamed_fields', 'misnamed_fields'] });
  });

  it('is not surprised by prototype names', () => {
    const attributes = [{ key: '__proto__', value: { stringValue: 'x' } }];
    const { spans } = batch({ ...SPAN, attributes });
    expect([spans[0]?.attributes, ({} as Record<string, unknown>).x]).toEqual([{}, undefined]);
  });
});
