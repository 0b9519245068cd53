/**
 * What is over dies in the next small collection. Where V8 puts something at once into the space that only a large one
 * looks at, or one thing that has come there takes the next along, each call costs its promotion, and memory until then.
 */
import { getHeapSpaceStatistics, setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect, it } from 'vitest';
import { PendingResponses } from '../../src/call/background.ts';
import { Call } from '../../src/call/call.ts';
import type { CallSlot, CallStarter } from '../../src/call/starter.ts';
import { observeStream } from '../../src/call/stream.ts';
import type { CallRequest, Endpoint } from '../../src/provider.ts';
import { openai } from '../../src/providers/openai.ts';

const endpoint = openai.endpoints.find(({ name }) => name === 'chat.completions') as Endpoint;
const client = { baseUrl: 'https://api.openai.com/v1', classNames: ['OpenAI'] };
const observer = { onLine: () => undefined, pending: new PendingResponses(), onSettled: () => undefined };

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as (options?: { type: 'minor' }) => void;

const CALLS = 1_000;
const ROUND = 50;
/** A call's own weight here: what it drags along is seen. */
const WEIGHT_BYTES = 8_000;

const createWeight = (): number[] => Array.from({ length: WEIGHT_BYTES / 8 }, (_, index) => index + 0.5);

function startCall(state: unknown): Call {
  const request: CallRequest = {
    ...endpoint.readRequest({ path: '/chat/completions', body: { model: 'gpt-5-mini' }, client }),
    state,
  };
  return new Call({ endpoint, client, request, attribution: { feature: 'search' } }, observer);
}

const readOldBytes = (): number =>
  getHeapSpaceStatistics()
    .filter(({ space_name: name }) => name === 'old_space' || name === 'large_object_space')
    .reduce((sum, { space_used_size: bytes }) => sum + bytes, 0);

/** Bytes a call that are left where no small collection looks. */
async function measureKept(run: () => Promise<void>): Promise<number> {
  for (let count = 0; count < CALLS; count += 1) await run();
  collectGarbage();
  const before = readOldBytes();
  for (let count = 0; count < CALLS; count += 1) {
    await run();
    if (count % ROUND === ROUND - 1) collectGarbage({ type: 'minor' });
  }
  return (readOldBytes() - before) / CALLS;
}

class SdkStream {
  controller = new AbortController();
  readonly weight = createWeight();
  iterator: () => AsyncGenerator<unknown>;

  constructor(iterator: () => AsyncGenerator<unknown>) {
    this.iterator = iterator;
  }

  [Symbol.asyncIterator](): AsyncGenerator<unknown> {
    return this.iterator();
  }
}

async function* answer(): AsyncGenerator<unknown> {
  yield { choices: [{ index: 0, delta: { content: 'Hi' }, finish_reason: 'stop' }] };
}

it('keeps nothing of a stream that has been read', async () => {
  const kept = await measureKept(async () => {
    const stream = new SdkStream(answer);
    observeStream(stream, startCall(undefined));
    for await (const chunk of stream) expect(chunk).toBeDefined();
  });
  expect(kept).toBeLessThan(WEIGHT_BYTES / 4);
});

it('keeps nothing of calls that were open at the same time', async () => {
  let open = startCall(createWeight());
  const kept = await measureKept(async () => {
    const next = startCall(createWeight());
    open.succeed({});
    open = next;
  });
  open.succeed({});
  expect(kept).toBeLessThan(WEIGHT_BYTES / 4);
});

it('keeps of a call that is over what is asked for later, and no more', () => {
  const slot: CallSlot = {
    endpoint,
    path: '/chat/completions',
    starter: {} as CallStarter,
    call: undefined,
    past: undefined,
  };
  const call = startCall(createWeight());
  call.take(slot);
  expect(slot).toMatchObject({ call, past: undefined });
  call.succeed({});
  expect(slot).toMatchObject({ call: undefined, past: { end: 'ok', task: undefined, spanId: undefined } });
});
