import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect, it } from 'vitest';
import { PendingResponses } from '../../src/call/background.ts';
import { Call, type CallEnd } from '../../src/call/call.ts';
import { observeRawResponse } from '../../src/call/raw.ts';
import type { CallResult, Endpoint } from '../../src/provider.ts';
import { openai } from '../../src/providers/openai.ts';

const chat = openai.endpoints.find(({ name }) => name === 'chat.completions') as Endpoint;
const client = { baseUrl: 'https://api.openai.com/v1', classNames: ['OpenAI'] };
const body = { model: 'gpt-4o-mini', stream: true, messages: [] };

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

/** A call that asked for usage in the application's place. */
function startCall(endpoint: Endpoint) {
  const ends: CallEnd[] = [];
  const usages: CallResult['usage'][] = [];
  const request = endpoint.readRequest({ path: '/chat/completions', body, client });
  const call = new Call(
    { endpoint, client, request, attribution: { feature: 'search' } },
    {
      onLine: () => undefined,
      pending: new PendingResponses(),
      onSettled: ({ result }, end) => {
        ends.push(end);
        usages.push(result.usage);
      },
    },
  );
  call.bodyBeforeAsking = body;
  return { call, ends, usages };
}

/** Such a call, reading `text` as its raw stream. */
async function readRaw(endpoint: Endpoint, text: string) {
  const { call, ends, usages } = startCall(endpoint);
  const response = new Response(text, { headers: { 'content-type': 'text/event-stream' } });
  observeRawResponse(response, call);
  const shown = await response.text();
  return { shown, ends, usage: usages[0] };
}

const chunk = (fields: object) =>
  `data: ${JSON.stringify({ id: 'c1', object: 'chat.completion.chunk', model: 'gpt-4o-mini', ...fields })}\n\n`;
const WORD = chunk({ choices: [{ index: 0, delta: { content: 'Hi' }, finish_reason: 'stop' }] });
const USAGE = chunk({ choices: [], usage: { prompt_tokens: 5, completion_tokens: 1, total_tokens: 6 } });

it('takes out what only our asking brought, and nothing else', async () => {
  const { shown, ends, usage } = await readRaw(chat, `${WORD}${USAGE}data: [DONE]\n\n`);
  expect(shown).toBe(`${WORD}data: [DONE]\n\n`);
  expect({ ends, usage }).toEqual({ ends: [{ kind: 'ok' }], usage: { inputTokens: 5, outputTokens: 1 } });
});

/** As servers write it that are not Node: ends of lines, spaces, numbers, signs of life. */
const odd = (member: string) =>
  [
    ': alive\r\nevent: chunk\r\nid: 7\r\n',
    `data:{"id": "c1",  "created": 1.0, "seed": 9007199254740993,${member} "choices": [{"index": 0, "delta": {"content": "\\u00fc"}}]}`,
    '\r\n\r\n: still alive\r\n',
  ].join('');

it('leaves every byte as it came around what it takes out', async () => {
  const usage = 'data: {"id": "c1", "choices": [], "usage": {"prompt_tokens": 5}}\r\n\r\n';
  const sent = `${odd(' "usage": null,')}${usage}data: [DONE]\r\n\r\n`;
  const { shown } = await readRaw(chat, sent);
  expect(shown).toBe(`${odd('')}data: [DONE]\r\n\r\n`);
});

it('lets a reader fill buffers of its own', async () => {
  const { call, ends } = startCall(chat);
  const response = new Response(`${WORD}${USAGE}data: [DONE]\n\n`);
  observeRawResponse(response, call);
  const reader = response.body!.getReader({ mode: 'byob' });
  let shown = '';
  for (let buffer = new Uint8Array(16); ; ) {
    const { done, value } = await reader.read(buffer);
    if (done) break;
    shown += Buffer.from(value).toString();
    buffer = new Uint8Array(value.buffer);
  }
  expect({ shown, ends }).toEqual({ shown: `${WORD}data: [DONE]\n\n`, ends: [{ kind: 'ok' }] });
});

it('leaves a body alone that somebody reads already', async () => {
  const { call } = startCall(chat);
  const response = new Response(WORD);
  const read = response.text();
  observeRawResponse(response, call);
  await read;
  expect(response.bodyUsed).toBe(true);
  await expect(response.text()).rejects.toThrow(TypeError);
});

it('shows an event that it cannot read as it came', async () => {
  const odd = 'event: note\ndata: {not json\n\n';
  const { shown } = await readRaw(chat, `${odd}${WORD}${USAGE}`);
  expect(shown).toBe(`${odd}${WORD}`);
});

it('shows a chunk whole when the reader of its SDK fails on it', async () => {
  const failing: Endpoint = {
    ...chat,
    hideStreamUsage: () => {
      throw new TypeError('a chunk that nobody has seen yet');
    },
  };
  const { shown } = await readRaw(failing, WORD);
  expect(shown).toBe(WORD);
});

/** Collects garbage until a call has ended. */
const untilEnded = (ends: readonly CallEnd[]): Promise<void> =>
  expect
    .poll(() => {
      collectGarbage();
      return ends.length;
    })
    .toBe(1);

it('ends when the response is collected that nobody has read', async () => {
  const { call, ends } = startCall(chat);
  observeRawResponse(new Response(WORD), call);
  await untilEnded(ends);
  expect(ends).toEqual([{ kind: 'aborted' }]);
});

it('is not ended by the collection of a response whose body is still read', async () => {
  const { call, ends } = startCall(chat);
  const { readable, writable } = new TextEncoderStream();
  const readerOf = (response: Response): ReadableStreamDefaultReader => {
    observeRawResponse(response, call);
    return response.body!.getReader();
  };
  const reader = readerOf(new Response(readable));
  // One that was made later has been collected: so has that one.
  const later = startCall(chat);
  observeRawResponse(new Response(WORD), later.call);
  await untilEnded(later.ends);
  expect(ends).toEqual([]);
  const writer = writable.getWriter();
  void writer.write(WORD);
  void writer.close();
  while ((await reader.read()).done !== true);
  expect(ends).toEqual([{ kind: 'ok' }]);
});

it('has ended for a reader that leaves when it is told that all is done', async () => {
  const { call, ends } = startCall(chat);
  const response = new Response(`${WORD}data: [DONE]\n\n`);
  observeRawResponse(response, call);
  const reader = response.body!.getReader();
  await reader.read();
  await reader.cancel();
  expect(ends).toEqual([{ kind: 'ok' }]);
});

it('has nothing to wait for where there is no body', () => {
  const { call, ends } = startCall(chat);
  observeRawResponse(new Response(null, { status: 204 }), call);
  expect(ends).toEqual([{ kind: 'ok' }]);
});
