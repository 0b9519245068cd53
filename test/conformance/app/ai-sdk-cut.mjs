// Streams of Claude that are broken off through the AI SDK, whatever its major and whoever's `fetch` it sends with.

import { createRequire } from 'node:module';
import { withFeature } from '@costspan/api';

const { sleep } = createRequire(import.meta.url)('./observe.cjs');
const baseURL = `${process.env.CONFORMANCE_ORIGIN}/v1`;

const ANSWER = await (await fetch(`${baseURL}/answer`)).text();
const encoder = new TextEncoder();

/** Answers by itself; nothing of it is seen on any network. */
const canned = async (_url, { headers }) => {
  const events = ANSWER.match(/[\s\S]+?\n\n/g);
  // What is broken off stays open.
  const told = new Headers(headers).get('x-scenario') === 'cut' ? events.slice(0, 3) : events;
  const body = new ReadableStream({
    pull(controller) {
      const event = told.shift();
      if (event !== undefined) controller.enqueue(encoder.encode(event));
      else if (told === events) controller.close();
      else return new Promise(() => undefined);
      return undefined;
    },
  });
  return new Response(body, { headers: { 'content-type': 'text/event-stream' } });
};
const FETCHES = { none: undefined, wrapped: (...request) => fetch(...request), canned };

for (const major of [4, 5, 6, 7]) {
  const { streamText } = await import(`ai-${major}`);
  const { createAnthropic } = await import(`ai-sdk-anthropic-${major - 3}`);
  for (const [name, given] of Object.entries(FETCHES)) {
    for (const most of [1, Number.POSITIVE_INFINITY]) {
      const kind = most === 1 ? 'cut' : 'whole';
      const headers = { 'x-scenario': kind };
      const anthropic = createAnthropic({ apiKey: 'canary-key', baseURL, headers, fetch: given });
      const scenario = `${major} ${name} ${kind}`;
      const observed = await withFeature(scenario, async () => {
        const controller = new AbortController();
        const { textStream } = streamText({
          model: anthropic('claude-sonnet-4-5'),
          prompt: 'canary-prompt: how far is the moon?',
          abortSignal: controller.signal,
          maxRetries: 0,
          onError: () => undefined,
        });
        const texts = [];
        for await (const text of textStream) {
          texts.push(text);
          if (texts.length >= most) break;
        }
        if (most === 1) controller.abort();
        return texts;
      });
      console.log(JSON.stringify({ scenario, observed }));
    }
  }
}
await sleep(250);
process.exit(0);
