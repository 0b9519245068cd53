import { currentCall } from '../attribution/index.js';
import { guard } from '../diagnostics.js';
import { EMPTY_RESULT, type MethodEndpoint } from '../provider.js';
import type { Call } from './call.js';
import { observeStream } from './iterable.js';
import { SseReader } from './sse.js';
import type { CallSlot } from './starter.js';
import { type Method, wrapFunction } from './wrap.js';

type Overheard = NonNullable<MethodEndpoint['overheard']>;

/** The platform's, looked up as an SDK would: an application may have put another one in its place. */
const sendAsPlatform: Method = (...request) => fetch(...(request as Parameters<typeof fetch>));

/**
 * Has the `fetch` that a client sends with overheard, once: an SDK may keep to itself what a stream tells first, until
 * its end, and a stream that is broken off has none.
 */
export function overhear(instance: object, overheard: Overheard): void {
  const holder = overheard.find(instance) as { fetch?: unknown } | undefined;
  if (holder === undefined) return;
  const send = typeof holder.fetch === 'function' ? (holder.fetch as Method) : sendAsPlatform;
  const value = wrapFunction(send, () => sendOverheard(send, overheard));
  if (value !== holder.fetch)
    Reflect.defineProperty(holder, 'fetch', { value, writable: true, configurable: true, enumerable: true });
}

function sendOverheard(send: Method, { readChunk }: Overheard): Method {
  return function sent(this: object, ...request) {
    const answering = send.apply(this, request);
    const call = (currentCall() as CallSlot | undefined)?.call;
    if (call === undefined || call.isSettled || !(answering instanceof Promise)) return answering;
    // Before the SDK, which waits for the very same promise and has its rejection to itself.
    answering.then(
      (response: unknown) => guard('overhearing a response', () => hear(response, call, readChunk)),
      () => undefined,
    );
    return answering;
  };
}

/** Events of a stream, up to the first that tells what was used. */
function hear(response: unknown, call: Call, readChunk: Overheard['readChunk']): void {
  if (!(response instanceof Response) || !response.ok || call.isSettled) return;
  const { body, headers } = response;
  if (body === null || body.locked || !headers.get('content-type')?.includes('text/event-stream')) return;
  const decoder = new TextDecoder();
  const events = new SseReader((data) => {
    const event = guard('parsing an overheard event', () => JSON.parse(data) as unknown);
    call.overheard = guard('reading an overheard event', () =>
      readChunk(call.overheard ?? EMPTY_RESULT, event, call.request),
    );
    return data;
  });
  observeStream(body, {
    addChunk(bytes) {
      if (call.overheard?.usage !== undefined || !(bytes instanceof Uint8Array)) return;
      guard('overhearing a stream', () => events.push(decoder.decode(bytes, { stream: true })));
    },
    endStream: () => undefined,
    fail: () => undefined,
    abort: () => undefined,
  });
}
