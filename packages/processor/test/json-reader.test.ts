/** JSON that is read from its bytes, beside `JSON.parse`. */
import { describe, expect, it } from 'vitest';
import { decodeJson } from '../src/receive/decode-json.ts';
import { JsonReader } from '../src/receive/json-reader.ts';
import { MalformedError } from '../src/receive/wire.ts';
import { createRequest } from './otlp-grammar.ts';
import { createRandom } from './spans.ts';

const SPAN = {
  traceId: '0af7651916cd43dd8448eb211c80319c',
  spanId: '00f067aa0ba902b7',
  startTimeUnixNano: '1795348388112000200',
  endTimeUnixNano: '1795348453377000200',
};
const text = (key: string, stringValue: string) => ({ key, value: { stringValue } });
const request = (...spans: readonly object[]) => ({ resourceSpans: [{ scopeSpans: [{ spans }] }] });
const decode = (value: string | object) =>
  decodeJson(Buffer.from(typeof value === 'string' ? value : JSON.stringify(value))).spans;
const decodeModel = (span: object) => decode(request(span))[0]?.attributes['gen_ai.request.model'];

/** Passes it as one whole body. */
function passes(body: string): boolean {
  const reader = new JsonReader(Buffer.from(body));
  try {
    reader.skip();
    reader.end();
    return true;
  } catch (error) {
    if (error instanceof MalformedError) return false;
    throw error;
  }
}

function isJson(body: string): boolean {
  try {
    JSON.parse(body);
    return true;
  } catch {
    return false;
  }
}

describe('what nobody reads', () => {
  it.each([
    ...[
      '',
      ' ',
      '{',
      '}',
      '[',
      ']',
      '"',
      '"a',
      '"\\"',
      '{"a"}',
      '{"a":}',
      '{"a":1,}',
      '{a:1}',
      '{"a":1 "b":2}',
    ],
    ...['{,}', '[,]', '[1,]', '[1 2]', '[]]', '{}{}', '{"a":1}x', '[}', '{]', '{1:2}', '["a":1]', '\ufeff{}'],
    ...[
      '0',
      '-0',
      '01',
      '-',
      '-a',
      '1.',
      '.5',
      '1.5',
      '1e',
      '1e+',
      '1e+5',
      '1E-05',
      '+1',
      '1_0',
      '0x1',
      '1.2.3',
    ],
    ...['null', 'nul', 'nulll', 'true', 'True', 'tru', 'false', 'falsee', 'NaN', 'Infinity', 'undefined'],
    ...[
      ' [ 1 ,\t{ "a" :\r\n[ ] } , "b" ] ',
      '[\f1]',
      "['a']",
      '[1]\u00a0',
      '{"a":{"b":[{"c":[[]]}]}}',
      '/**/1',
    ],
  ])('%j is passed exactly where JSON.parse takes it', (body) => expect(passes(body)).toBe(isJson(body)));

  it('may not be nested without end', () => {
    expect(passes('['.repeat(200) + ']'.repeat(200))).toBe(true);
    expect(passes('['.repeat(201) + ']'.repeat(201))).toBe(false);
    expect(passes('['.repeat(5_000_000))).toBe(false);
  });

  it('does not take longer for having many quotes behind backslashes', () => {
    const body = JSON.stringify(`${'x'.repeat(100)}"`.repeat(40_000));
    const before = process.cpuUsage();
    expect(passes(body)).toBe(true);
    const { user, system } = process.cpuUsage(before);
    expect(user + system).toBeLessThan(2_000_000);
  });
});

it.each([1, 2, 3])('of a request (%i) no beginning is a whole one, and spaces change nothing', (seed) => {
  const value = createRequest(createRandom(seed));
  const body = Buffer.from(JSON.stringify(value));
  for (let end = 0; end < body.length; end += 1)
    expect(() => decodeJson(body.subarray(0, end))).toThrow(MalformedError);
  expect(decode(JSON.stringify(value, undefined, '\t'))).toEqual(decode(value));
});

it('texts end at their last quote, wherever the escapes in them stand', () => {
  for (const special of ['"', '\\', '\n', '\\"', '\u0001', '🙂', ''])
    for (let before = 0; before < 140; before += 1) {
      const value = 'm'.repeat(before) + special + 'n'.repeat(before % 7);
      const unread = text('gen_ai.input.messages', value);
      expect(decodeModel({ ...SPAN, attributes: [unread, text('gen_ai.request.model', value)] })).toBe(value);
    }
});

it('a key is known however it is written, and is not taken for one that looks like it', () => {
  const write = (key: string) =>
    `{"resourceSpans":[{"scopeSpans":[{"spans":[${JSON.stringify(SPAN).slice(0, -1)},"attributes":[${key}]}]}]}]}`;
  const known = '{"key":"gen_ai.request.model","value":{"stringValue":"m"}}';
  const escaped = '{"k\\u0065y":"gen_ai.request.mode\\u006c","val\\u0075e":{"stringValu\\u0065":"m"}}';
  for (const written of [known, escaped])
    expect(decode(write(written))[0]?.attributes).toEqual({ 'gen_ai.request.model': 'm' });
  // Learned as a key that ends with a backslash: what is written so raw does not end there.
  const ending = '{"key":"costspan.usage.x\\\\","value":{"intValue":1}}';
  const other = '{"key":"costspan.usage.x\\","value":{"intValue":2}}';
  const two = [known, ending, known].join();
  for (let time = 0; time < 3; time += 1)
    expect(decode(write(two))[0]?.attributes['costspan.usage.x\\']).toBe(1);
  expect(() => decode(write([known, other, known].join()))).toThrow(MalformedError);
});

it('an attribute that comes again means what it means when nothing came before it', () => {
  const random = createRandom(7);
  const oneOf = <T>(values: readonly T[]): T => values[Math.floor(random() * values.length)]!;
  const keys = [
    'gen_ai.request.model',
    'costspan.usage.a.requests',
    'costspan.usage.b.requests',
    'app.other',
  ];
  keys.push(`costspan.usage.${'k'.repeat(120)}.requests`);
  const texts = ['', 'm', 'mm', 'm"}}', 'm\\', 'ü', 'x'.repeat(60), 'x'.repeat(61), 'x'.repeat(500)];
  const values = [
    ...texts.map((stringValue) => ({ stringValue })),
    ...[0, 1, 12, -1, 1e3, '1', '12', '-1', '5.0', '12345678901234567'].map((intValue) => ({ intValue })),
    ...[0.5, 1e3, -0.5, 0.000225, 2.5e-7, '1', '0.5', 'NaN'].map((doubleValue) => ({ doubleValue })),
    ...[true, false].map((boolValue) => ({ boolValue })),
    ...[null, {}, { arrayValue: { values: [{ stringValue: 'm' }] } }, { stringValue: 'm', intValue: 1 }],
  ];
  // One mostly comes as often as it takes to be remembered.
  const attribute = () => ({ key: oneOf(keys), value: oneOf([values[1], values[1], oneOf(values)]) });
  for (let round = 0; round < 400; round += 1) {
    const span = () => ({ ...SPAN, attributes: Array.from({ length: 12 }, attribute) });
    const body = Buffer.from(JSON.stringify(request(span(), span()), null, oneOf([0, 0, 0, 1])));
    const read = (options: object) => {
      let cut = 0;
      const { spans } = decodeJson(body, { ...options, spanAttributes: 1, onLimit: () => (cut += 1) });
      return { spans, cut };
    };
    // Other rules remember for themselves.
    expect(read({})).toEqual(read({ attributeNames: new Set() }));
  }
});

it('ids of traces and names that come again are what stands there', () => {
  const random = createRandom(11);
  const oneOf = <T>(values: readonly T[]): T => values[Math.floor(random() * values.length)]!;
  const [first, second] = [SPAN.traceId, SPAN.traceId.replace('0a', '0b')];
  for (let round = 0; round < 400; round += 1) {
    const traceId = oneOf([first, first, second, first.toUpperCase()]);
    const name = oneOf(['chat', 'chat', 'chap', 'say "hi"', 'ü', 'n'.repeat(48), `${'n'.repeat(48)}m`]);
    const others = [first, first, traceId, `${first.slice(1)} `, ''].map((id) => ({ ...SPAN, traceId: id }));
    const span = { ...SPAN, traceId, name };
    const known = { traceId: traceId.toLowerCase(), name };
    expect(decode(request(oneOf(others), span, span)).slice(-2)).toMatchObject([known, known]);
  }
});

it('ids of spans are sixteen digits between quotes, in lower case, however they are written', () => {
  const read = (spanId: string) => {
    const body = JSON.stringify(request(SPAN)).replace(SPAN.spanId, spanId);
    return decode(body).map((span) => span.spanId);
  };
  expect(read('00F067AA0BA902B7')).toEqual([SPAN.spanId]);
  expect(read('00f067aa0ba902b\\u0037')).toEqual([SPAN.spanId]);
  for (const wrong of ['00f067aa0ba902b', '00f067aa0ba902b70', '00f067aa0ba902bg', '00f067aa0ba902bü', ''])
    expect(read(wrong)).toEqual([]);
});

it('numbers are those that JSON.parse reads', () => {
  const random = createRandom(13);
  for (let round = 0; round < 3_000; round += 1) {
    const digits = Math.floor(random() * 18);
    const number = [random().toFixed(digits), `${random() * 10 ** digits}`, `-${random()}`][round % 3]!;
    const reader = new JsonReader(Buffer.from(number));
    expect(reader.number(), number).toBe(JSON.parse(number));
  }
});

it('an event has one name, the last that it is given, wherever its attributes stand', () => {
  const event =
    '{"name":"exception","attributes":[{"key":"exception.type","value":{"stringValue":"Timeout"}}]';
  const read = (rest: string) =>
    decode(JSON.stringify(request({ ...SPAN, events: ['EVENT'] })).replace('"EVENT"', `${event}${rest}}`))[0]
      ?.events;
  const known = [{ name: 'exception', attributes: { 'exception.type': 'Timeout' } }];
  expect(read('')).toEqual(known);
  expect(read(',"name":"exception"')).toEqual(known);
  expect(read(',"name":"log"')).toBeUndefined();
});

it('what stands in another order means the same', () => {
  const resource = { attributes: [text('service.name', 'shop')] };
  const attributes = [text('gen_ai.request.model', 'm')];
  const exception = [text('exception.type', 'Timeout')];
  const event = { name: 'exception', attributes: exception };
  const span = { ...SPAN, attributes, events: [event], name: 'chat', kind: 3 };
  const scope = { name: 'openai' };
  const usual = { resourceSpans: [{ resource, scopeSpans: [{ scope, spans: [span] }] }] };
  const turned = {
    kind: 'SPAN_KIND_CLIENT',
    name: 'chat',
    events: [
      { attributes: [{ value: { stringValue: 'Timeout' }, key: 'exception.type' }], name: 'exception' },
    ],
    attributes: [{ value: { stringValue: 'm' }, key: 'gen_ai.request.model' }],
    ...SPAN,
  };
  const spans = decode({ resourceSpans: [{ scopeSpans: [{ spans: [turned], scope }], resource }] });
  expect(spans).toEqual(decode(usual));
  expect(spans[0]).toMatchObject({
    resource: { 'service.name': 'shop' },
    scopeName: 'openai',
    kind: 'client',
  });
});

it('a list that comes twice is one list', () => {
  const list = JSON.stringify(request(SPAN)).slice(1, -1);
  expect(decode(`{${list},${list}}`)).toEqual([...decode(request(SPAN)), ...decode(request(SPAN))]);
});
