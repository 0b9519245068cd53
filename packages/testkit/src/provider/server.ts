import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { JsonObject } from '../json.js';
import { createDefaultScript } from './default-script.js';
import { renderPendingResponse } from './openai-responses.js';
import { hashText } from './random.js';
import { renderAnswer, renderReply } from './render.js';
import type { Answer, Delivery, RenderInput, Script, WireReply } from './reply.js';
import { type Endpoint, type ProviderLabel, type ProviderRequest, readRequest } from './request.js';
import { type Sent, sendReply } from './send.js';

/** One reply of the stand-in, with the bill as the provider would write it. */
export interface BilledReply {
  readonly index: number;
  readonly provider: ProviderLabel;
  readonly endpoint: Endpoint;
  readonly requestModel: string;
  /** The model named in the reply; `undefined` on errors. */
  readonly model?: string;
  readonly responseId?: string;
  readonly status: number;
  readonly attempt: number;
  readonly isStream: boolean;
  /** The usage object that is billed for the whole reply, sent or not. Errors and repeated GETs bill nothing. */
  readonly usage?: JsonObject;
  /** The usage object as the client could know it from what was sent; an Anthropic stream states its output last. */
  readonly usageSent?: JsonObject;
  readonly delivery: Sent['delivery'];
  readonly eventsSent: number;
  readonly eventsTotal: number;
}

/** A running stand-in. */
export interface ProviderServer {
  /** `http://127.0.0.1:PORT`, what Anthropic's `baseURL` wants. */
  readonly origin: string;
  /** `…/v1`, what OpenAI's `baseURL` wants. */
  readonly openaiUrl: string;
  /** `…/api/v1`, OpenRouter's path. */
  readonly openrouterUrl: string;
  /** Every reply that has ended, in the order of the requests. */
  readonly log: readonly BilledReply[];
  /** Every request, from its arrival on. */
  readonly requests: readonly ProviderRequest[];
  /** Replaces the script for the requests to come. */
  setScript(script: Script): void;
  /** Waits until no reply is on its way. */
  waitUntilIdle(): Promise<void>;
  /** When the last reply ended, in the time of `performance.now()`. */
  readonly idleSinceMs: number;
  /** A `fetch` that sends any URL's path to this server: for clients whose host must look real. */
  readonly fetch: typeof fetch;
  close(): Promise<void>;
}

/** Options of `startProviderServer`. */
export interface ProviderServerOptions {
  /** What to answer; absent, plausible replies made from the request and `seed`. */
  readonly script?: Script;
  readonly seed?: number;
  /** Largest request body in bytes, 32 MiB when absent. */
  readonly maxBodyBytes?: number;
}

interface StoredResponse {
  readonly input: RenderInput;
  pollsLeft: number;
}

interface State {
  script: Script;
  readonly requests: ProviderRequest[];
  readonly log: BilledReply[];
  readonly stored: Map<string, StoredResponse>;
  readonly running: Set<Promise<void>>;
  readonly maxBodyBytes: number;
  received: number;
  idleSinceMs: number;
  readonly repeats: Map<string, number>;
}

interface Planned {
  readonly wire: WireReply | 'reset' | 'hang';
  readonly delivery?: Delivery;
}

/**
 * Starts a stand-in for OpenAI, Azure OpenAI, OpenRouter and Anthropic on a free loopback port.
 *
 * @example
 * const provider = await startProviderServer();
 * const client = new OpenAI({ apiKey: 'test', baseURL: provider.openaiUrl });
 */
export async function startProviderServer(options: ProviderServerOptions = {}): Promise<ProviderServer> {
  const state: State = {
    script: options.script ?? createDefaultScript({ seed: options.seed ?? 1 }),
    requests: [],
    log: [],
    stored: new Map(),
    running: new Set(),
    received: 0,
    idleSinceMs: performance.now(),
    repeats: new Map(),
    maxBodyBytes: options.maxBodyBytes ?? 32 * 1024 * 1024,
  };
  const server = createServer((message, response) => {
    const work = serve(state, message, response).catch((error: unknown) => {
      // A fault of the stand-in itself must be loud in the test that uses it.
      console.error('provider stand-in failed', error);
      response.destroy();
    });
    const tracked = work.finally(() => {
      state.running.delete(tracked);
      state.idleSinceMs = performance.now();
    });
    state.running.add(tracked);
  });
  server.keepAliveTimeout = 30_000;
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', resolve);
  });
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    origin,
    openaiUrl: `${origin}/v1`,
    openrouterUrl: `${origin}/api/v1`,
    log: state.log,
    requests: state.requests,
    setScript: (script) => {
      state.script = script;
    },
    waitUntilIdle: async () => {
      while (state.running.size > 0) await Promise.all(state.running);
    },
    get idleSinceMs() {
      return state.idleSinceMs;
    },
    fetch: (input, init) => fetch(redirect(input, origin), init),
    close: async () => {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      server.closeAllConnections();
      await closed;
    },
  };
}

function redirect(input: string | URL | Request, origin: string): string | Request {
  if (input instanceof Request) return new Request(redirect(input.url, origin), input);
  const url = new URL(input);
  return `${origin}${url.pathname}${url.search}`;
}

async function serve(state: State, message: IncomingMessage, response: ServerResponse): Promise<void> {
  // Taken before the body is read, while the next request may already be coming in.
  const index = state.received;
  state.received += 1;
  const bodyText = await readBody(message, state.maxBodyBytes);
  const name = `${message.url}/${hashText(bodyText)}/${bodyText.length}`;
  const repeat = state.repeats.get(name) ?? 0;
  state.repeats.set(name, repeat + 1);
  const request = readRequest({
    method: message.method ?? 'GET',
    url: message.url ?? '/',
    headers: message.headers,
    bodyText,
    index,
    repeat,
  });
  state.requests.push(request);
  const planned = await planReply(state, request);
  if (planned.wire === 'reset' || planned.wire === 'hang') {
    if (planned.wire === 'reset') response.destroy();
    else await new Promise<void>((resolve) => void response.once('close', resolve));
    recordReply(state, request, { sent: { delivery: 'none', eventsSent: 0 } });
    return;
  }
  const sent = await sendReply(response, planned.wire, planned.delivery);
  recordReply(state, request, { sent, wire: planned.wire });
}

async function readBody(message: IncomingMessage, maxBytes: number): Promise<string> {
  const parts: Buffer[] = [];
  let size = 0;
  for await (const part of message) {
    size += (part as Buffer).length;
    if (size > maxBytes) throw new Error(`request body larger than ${maxBytes} bytes`);
    parts.push(part as Buffer);
  }
  return Buffer.concat(parts).toString('utf8');
}

async function planReply(state: State, request: ProviderRequest): Promise<Planned> {
  const stored = state.stored.get(request.responseId ?? '');
  if (stored !== undefined) return { wire: renderStored(stored, request) };
  const reply = await state.script(request, request.attempt);
  if (reply.kind === 'reset' || reply.kind === 'hang') return { wire: reply.kind };
  if (reply.kind !== 'answer') {
    const delivery =
      reply.kind === 'bytes'
        ? reply.delivery
        : { delayMs: reply.kind === 'error' ? (reply.delayMs ?? 0) : 0 };
    return { wire: renderReply(request, reply), ...(delivery === undefined ? {} : { delivery }) };
  }
  const wire = planAnswer(state, request, reply.answer);
  return { wire, ...(reply.delivery === undefined ? {} : { delivery: reply.delivery }) };
}

/** Renders an answer; a Responses answer is also kept, so that it can be fetched again. */
function planAnswer(state: State, request: ProviderRequest, answer: Answer): WireReply {
  const { input, wire } = renderAnswer(request, answer);
  if (request.endpoint !== 'responses' || request.body.store === false) return wire;
  const isQueued = request.body.background === true && !request.isStream;
  state.stored.set(input.responseId, { input, pollsLeft: isQueued ? (answer.pollsUntilDone ?? 1) : 0 });
  if (!isQueued) return wire;
  const pending = renderPendingResponse(input, 'queued');
  return wire.billed === undefined ? pending : { ...pending, billed: wire.billed };
}

/** A stored response bills nothing when it is fetched: it was billed when it was made. */
function renderStored(stored: StoredResponse, request: ProviderRequest): WireReply {
  stored.pollsLeft -= 1;
  if (stored.pollsLeft > 0) return renderPendingResponse(stored.input, 'in_progress');
  const asked = { ...stored.input.request, isStream: request.isStream };
  const { billed: _paid, ...wire } = renderAnswer(asked, stored.input.answer, stored.input).wire;
  return wire;
}

function recordReply(
  state: State,
  request: ProviderRequest,
  { sent, wire }: { sent: Sent; wire?: WireReply },
): void {
  const reply: BilledReply = {
    index: request.index,
    provider: request.provider,
    endpoint: request.endpoint,
    requestModel: request.model,
    ...(wire?.model === undefined ? {} : { model: wire.model }),
    ...(wire?.responseId === undefined ? {} : { responseId: wire.responseId }),
    status: wire?.status ?? 0,
    attempt: request.attempt,
    isStream: request.isStream,
    ...(wire?.billed === undefined ? {} : { usage: wire.billed }),
    ...sent,
    eventsTotal: wire?.events.length ?? 0,
  };
  // Replies end in another order than their requests came in, but seldom far from it.
  let place = state.log.length;
  while (place > 0 && (state.log[place - 1]?.index ?? 0) > reply.index) place -= 1;
  state.log.splice(place, 0, reply);
}
