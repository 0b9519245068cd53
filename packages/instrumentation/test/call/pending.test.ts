/** A stream that ended with no more than the promise of an answer: its call waits, whatever becomes of the stream. */
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect, it } from 'vitest';
import { PendingResponses } from '../../src/call/background.ts';
import { Call, type CallEnd, giveUpOpenCalls } from '../../src/call/call.ts';
import { observeStream as observeIterable } from '../../src/call/iterable.ts';
import { observeStream } from '../../src/call/stream.ts';
import { EMPTY_RESULT, type Endpoint } from '../../src/provider.ts';
import { openai } from '../../src/providers/openai.ts';

const responses = openai.endpoints.find(({ name }) => name === 'responses') as Endpoint;
const client = { baseUrl: 'https://api.openai.com/v1', classNames: ['OpenAI'] };
const QUEUED = { type: 'response.queued', response: { id: 'resp_1', status: 'queued', background: true } };

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

class SdkStream {
  controller = new AbortController();

  async *iterator(): AsyncGenerator<unknown> {
    yield QUEUED;
  }

  [Symbol.asyncIterator](): AsyncGenerator<unknown> {
    return this.iterator();
  }
}

const KINDS = {
  'an SDK’s own stream': (call: Call) => {
    const stream = new SdkStream();
    observeStream(stream, call);
    return stream;
  },
  'another iterable': (call: Call) => {
    const stream = new SdkStream();
    observeIterable(stream, call);
    return stream;
  },
  'a readable stream': (call: Call) => {
    const stream = ReadableStream.from([QUEUED]);
    observeIterable(stream, call);
    return stream;
  },
};
type Observe = (call: Call) => AsyncIterable<unknown>;

/** A call whose stream has been read to its end and is held by nobody. */
async function readAll(observe: Observe) {
  const ends: CallEnd[] = [];
  const request = responses.readRequest({
    path: '/responses',
    body: { model: 'gpt-5-mini', stream: true, background: true },
    client,
  });
  const pending = new PendingResponses();
  const call = new Call(
    { endpoint: responses, client, request, attribution: { feature: 'search' } },
    { onLine: () => undefined, pending, onSettled: (_, end) => ends.push(end) },
  );
  for await (const _ of observe(call));
  return { ends, pending, call };
}

/** Long enough for what a collection has found to be told. */
async function collect(): Promise<void> {
  for (let turn = 0; turn < 20; turn += 1) {
    collectGarbage();
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

it.each(Object.entries(KINDS))(
  '%s may be collected: the answer is still waited for',
  async (_kind, observe) => {
    const { ends, pending } = await readAll(observe);
    await collect();
    expect(ends).toEqual([]);
    pending.take('resp_1')?.finish({ ...EMPTY_RESULT, responseId: 'resp_1' });
    expect(ends).toEqual([{ kind: 'ok' }]);
  },
);

it.each(Object.entries(KINDS))('%s may be aborted when it is over', async (_kind, observe) => {
  const { ends, call } = await readAll(observe);
  call.abort();
  call.fail(new Error('a branch of it broke'));
  expect(ends).toEqual([]);
  giveUpOpenCalls();
  expect(ends).toEqual([{ kind: 'ok' }]);
});
