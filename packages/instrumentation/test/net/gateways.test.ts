import { describe, expect, it, test } from 'vitest';
import { readCaller } from '../../src/attribution/caller.ts';
import { leadsToGateway, readGateways } from '../../src/net/gateways.ts';
import { bareUndici } from '../../src/net/outgoing-baggage.ts';
import { traceNodeRequest, traceUndici } from '../../src/net/trace-context.ts';
import type { RecordedSpan } from '../../src/record/recorder.ts';

const read = (text: string) => readGateways({ COSTSPAN_LLM_GATEWAYS: text });

test('what is no host is told apart', () => {
  expect(read(' LLM.internal , 10.1.2.3:4000,[::1]:80,*.llm.example,http://llm/v1, a b,')).toEqual({
    hosts: ['llm.internal', '10.1.2.3:4000', '[::1]:80', '*.llm.example'],
    wrong: ['http://llm/v1', 'a b'],
  });
  expect(readGateways({})).toEqual({ hosts: [], wrong: [] });
});

test.each([
  ['llm.internal', 'http://llm.internal:4000/v1', true],
  ['llm.internal:4000', 'http://llm.internal:4000/v1', true],
  ['llm.internal:4000', 'http://llm.internal/v1', false],
  ['llm.internal:443', 'https://LLM.internal/v1', true],
  ['*.llm.example', 'https://eu.llm.example/v1', true],
  ['*.llm.example', 'https://llm.example/v1', false],
  ['llm.internal', 'http://llm.internal.example.com/v1', false],
  ['[::1]:80', 'http://[::1]/v1', true],
  ['llm.internal', 'no url', false],
])('%s and %s: %s', (gateway, url, isOne) => {
  expect(leadsToGateway(read(gateway).hosts, url)).toBe(isOne);
});

const TRACE = '0af7651916cd43dd8448eb211c80319c';
const SPAN = 'b7ad6b7169203331';
const span = { context: { traceId: TRACE, spanId: SPAN, traceFlags: 1 } } as RecordedSpan;
const OURS = `costspan=${TRACE}-${SPAN}`;
const PARENT = `00-${TRACE}-${SPAN}-01`;
const undici = (headers: unknown) => ({ origin: 'http://llm', path: '/', method: 'POST', headers });

describe('a request says which call it is', () => {
  it('in the list of undici, and in the text of its fifth major', () => {
    const list = undici(['accept', '*/*']);
    traceUndici(list, span);
    const both = ['accept', '*/*', 'traceparent', PARENT, 'tracestate', OURS];
    expect([list.headers, list.headers]).toEqual([both, both]);
    const text = undici('accept: */*\r\n');
    traceUndici(text, span);
    expect(text.headers).toBe(`accept: */*\r\ntraceparent: ${PARENT}\r\ntracestate: ${OURS}\r\n`);
  });

  it('beside what others say, who may come later, and with nothing of ours in the baggage', () => {
    const request = undici(['Baggage', 'costspan.feature=x']);
    bareUndici(request, () => true);
    traceUndici(request, span);
    (request.headers as string[]).push('Traceparent', 'theirs', 'TraceState', `a=1, costspan=old,b=2`);
    expect(request.headers).toEqual(['traceparent', 'theirs', 'tracestate', `${OURS},a=1,b=2`]);
    const text = undici('');
    traceUndici(text, span);
    text.headers += 'traceparent: theirs\r\n';
    expect(text.headers).toBe(`traceparent: theirs\r\ntracestate: ${OURS}\r\n`);
  });

  it('over node:http, unless it is written already', () => {
    const headers = new Map<string, string>([['tracestate', 'a=1']]);
    const request = {
      headersSent: false,
      getHeader: (name: string) => headers.get(name),
      setHeader: (name: string, value: string) => headers.set(name, value),
    };
    traceNodeRequest({ ...request, headersSent: true } as never, span);
    expect([...headers]).toEqual([['tracestate', 'a=1']]);
    traceNodeRequest(request as never, span);
    expect(Object.fromEntries(headers)).toEqual({ tracestate: `${OURS},a=1`, traceparent: PARENT });
  });
});

it('the gateway reads it, and nothing else', () => {
  const caller = { traceId: TRACE, spanId: SPAN, isRemote: true };
  expect(readCaller({ tracestate: `a=1, ${OURS} ,b=2` })).toEqual({ ...caller, traceFlags: 1 });
  const unsampled = `00-${TRACE}-${'1'.repeat(16)}-00`;
  expect(readCaller({ tracestate: OURS, traceparent: unsampled })).toEqual({ ...caller, traceFlags: 0 });
  for (const tracestate of [undefined, '', 'a=1', 'costspan=1', `x${OURS}`, `${OURS}0`, OURS.toUpperCase()])
    expect(readCaller({ tracestate, traceparent: PARENT })).toBeUndefined();
});
