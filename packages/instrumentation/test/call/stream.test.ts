import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect, it } from 'vitest';
import { PendingResponses } from '../../src/call/background.ts';
import { Call, type CallEnd } from '../../src/call/call.ts';
import { isSdkStream, observeStream } from '../../src/call/stream.ts';
import type { Endpoint } from '../../src/provider.ts';
import { openai } from '../../src/providers/openai.ts';

const endpoint = openai.endpoints.find(({ name }) => name === 'chat.completions') as Endpoint;
const client = { baseUrl: 'https://api.openai.com/v1', classNames: ['OpenAI'] };

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

/** What the SDKs hand out: a stream with an iterator factory and the controller of its request. */
class SdkStream {
  controller = new AbortController();

  async *iterator(): AsyncGenerator<unknown> {
    yield { choices: [{ index: 0, delta: { content: 'Hi' } }] };
  }

  [Symbol.asyncIterator](): AsyncGenerator<unknown> {
    return this.iterator();
  }
}

/** A call whose stream nobody holds any more. */
function leaveStream(): CallEnd[] {
  const ends: CallEnd[] = [];
  const request = endpoint.readRequest({
    path: '/chat/completions',
    body: { model: 'gpt-4o-mini', stream: true },
    client,
  });
  const call = new Call(
    { endpoint, client, request, attribution: { feature: 'search' } },
    {
      onLine: () => undefined,
      pending: new PendingResponses(),
      onSettled: (_, end) => ends.push(end),
    },
  );
  const stream = new SdkStream();
  expect(isSdkStream(stream)).toBe(true);
  observeStream(stream, call);
  return ends;
}

it('lets a stream that nobody reads be collected, and ends its call', async () => {
  const ends = leaveStream();
  await expect
    .poll(() => {
      collectGarbage();
      return ends;
    })
    .toEqual([{ kind: 'aborted' }]);
});
