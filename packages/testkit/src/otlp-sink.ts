import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { gunzipSync } from 'node:zlib';
import { type JsonObject, parseObject, readArray, readNumber, readObject, readString } from './json.js';
import { PATIENCE_MS } from './patience.js';

/** One span as a plain object. Ids are lower-case hex, times milliseconds since the epoch. */
export interface SinkSpan {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId: string | undefined;
  readonly name: string;
  readonly kind: 'unspecified' | 'internal' | 'server' | 'client' | 'producer' | 'consumer';
  readonly startMs: number;
  readonly endMs: number;
  readonly status: { readonly code: 'unset' | 'ok' | 'error'; readonly message?: string };
  readonly attributes: JsonObject;
  /** OTLP's type of each attribute, since a plain number no longer tells 1 from 1.0: `int`, `double`, `string`, … */
  readonly attributeTypes: Readonly<Record<string, string>>;
  readonly events: readonly {
    readonly name: string;
    readonly timeMs: number;
    readonly attributes: JsonObject;
  }[];
  readonly resource: JsonObject;
  readonly scope: { readonly name: string; readonly version: string | undefined };
}

/** How the sink behaves towards the exporter: as it should, a second late, or with 503, silence, a reset. */
export type SinkMode = 'ok' | 'late' | 'unavailable' | 'hang' | 'reset';
const LATE_MS = 1_000;

/** A running OTLP/HTTP sink for JSON traces, gzip or not. */
export interface OtlpSink {
  /** `http://127.0.0.1:PORT`, for `OTEL_EXPORTER_OTLP_ENDPOINT`. */
  readonly endpoint: string;
  /** Every span received, in the order of arrival. */
  readonly spans: readonly SinkSpan[];
  /** Every request's headers, for tests of `…_HEADERS`. */
  readonly requests: readonly { readonly path: string; readonly headers: IncomingMessage['headers'] }[];
  setMode(mode: SinkMode): void;
  clear(): void;
  /** Waits for at least `count` spans. @throws with the names of those that came when the time is over. */
  waitForSpans(count: number, options?: { timeoutMs?: number }): Promise<readonly SinkSpan[]>;
  close(): Promise<void>;
}

interface SinkState {
  mode: SinkMode;
  readonly spans: SinkSpan[];
  readonly requests: { path: string; headers: IncomingMessage['headers'] }[];
  readonly waiting: Set<() => void>;
}

/** Starts the sink on a free loopback port. A body that is not JSON is answered with 415. */
export async function startOtlpSink(): Promise<OtlpSink> {
  const state: SinkState = { mode: 'ok', spans: [], requests: [], waiting: new Set() };
  const server = createServer((message, response) => {
    void receive(state, message, response);
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', resolve);
  });
  return {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    spans: state.spans,
    requests: state.requests,
    setMode: (mode) => {
      state.mode = mode;
    },
    clear: () => {
      state.spans.length = 0;
      state.requests.length = 0;
    },
    waitForSpans: (count, { timeoutMs = PATIENCE_MS } = {}) => waitForSpans(state, count, timeoutMs),
    close: async () => {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      server.closeAllConnections();
      await closed;
    },
  };
}

async function receive(state: SinkState, message: IncomingMessage, response: ServerResponse): Promise<void> {
  const parts: Buffer[] = [];
  try {
    for await (const part of message) parts.push(part as Buffer);
  } catch {
    // The exporter went away in the middle of its request; there is nobody to answer.
    return;
  }
  state.requests.push({ path: message.url ?? '', headers: message.headers });
  if (state.mode === 'hang') return;
  if (state.mode === 'late') await sleep(LATE_MS);
  if (state.mode === 'reset') {
    response.destroy();
    return;
  }
  if (state.mode === 'unavailable') {
    response.writeHead(503, { 'retry-after': '0' }).end();
    return;
  }
  if (!(message.headers['content-type'] ?? '').includes('json')) {
    response.writeHead(415).end();
    return;
  }
  const body = Buffer.concat(parts);
  const text = (message.headers['content-encoding'] === 'gzip' ? gunzipSync(body) : body).toString('utf8');
  state.spans.push(...readSpans(parseObject(text)));
  response.writeHead(200, { 'content-type': 'application/json' }).end('{}');
  for (const look of [...state.waiting]) look();
}

function waitForSpans(state: SinkState, count: number, timeoutMs: number): Promise<readonly SinkSpan[]> {
  return new Promise((resolve, reject) => {
    const finish = (act: () => void) => {
      clearTimeout(timer);
      state.waiting.delete(look);
      act();
    };
    const look = () => {
      if (state.spans.length >= count) finish(() => resolve([...state.spans]));
    };
    const timer = setTimeout(() => {
      const names = state.spans.map(({ name }) => name).join(', ');
      finish(() => reject(new Error(`${count} spans expected, ${state.spans.length} came: ${names}`)));
    }, timeoutMs);
    state.waiting.add(look);
    look();
  });
}

const kinds = ['unspecified', 'internal', 'server', 'client', 'producer', 'consumer'] as const;
const statusCodes = ['unset', 'ok', 'error'] as const;

function readSpans(request: JsonObject): SinkSpan[] {
  return readArray(request.resourceSpans)
    .map(readObject)
    .flatMap((group) => {
      const resource = readAttributes(readObject(group.resource).attributes);
      return readArray(group.scopeSpans)
        .map(readObject)
        .flatMap((inner) => {
          const scope = readObject(inner.scope);
          const named = { name: readString(scope.name) ?? '', version: readString(scope.version) };
          return readArray(inner.spans).map((span) => ({
            ...readSpan(readObject(span)),
            resource,
            scope: named,
          }));
        });
    });
}

function readSpan(span: JsonObject): Omit<SinkSpan, 'resource' | 'scope'> {
  const status = readObject(span.status);
  const message = readString(status.message);
  return {
    traceId: String(span.traceId),
    spanId: String(span.spanId),
    parentSpanId: readString(span.parentSpanId) || undefined,
    name: String(span.name),
    kind: kinds[readNumber(span.kind) ?? 0] ?? 'unspecified',
    startMs: readTime(span.startTimeUnixNano),
    endMs: readTime(span.endTimeUnixNano),
    status: {
      code: statusCodes[readNumber(status.code) ?? 0] ?? 'unset',
      ...(message === undefined || message === '' ? {} : { message }),
    },
    attributes: readAttributes(span.attributes),
    attributeTypes: readAttributeTypes(span.attributes),
    events: readArray(span.events)
      .map(readObject)
      .map((event) => ({
        name: String(event.name),
        timeMs: readTime(event.timeUnixNano),
        attributes: readAttributes(event.attributes),
      })),
  };
}

/** Nanoseconds as a string of digits do not fit a double; milliseconds with three decimals do. */
function readTime(value: unknown): number {
  return Number(BigInt(String(value ?? 0)) / 1000n) / 1000;
}

function readAttributes(value: unknown): JsonObject {
  const pairs = readArray(value).map(readObject);
  return Object.fromEntries(pairs.map((pair) => [String(pair.key), readAnyValue(pair.value)]));
}

function readAttributeTypes(value: unknown): Record<string, string> {
  const pairs = readArray(value).map(readObject);
  const typeOf = (any: unknown) => Object.keys(readObject(any))[0]?.replace(/Value$/, '') ?? 'none';
  return Object.fromEntries(pairs.map((pair) => [String(pair.key), typeOf(pair.value)]));
}

function readAnyValue(value: unknown): unknown {
  const any = readObject(value);
  if ('intValue' in any) return Number(any.intValue);
  if ('arrayValue' in any) return readArray(readObject(any.arrayValue).values).map(readAnyValue);
  if ('kvlistValue' in any) return readAttributes(readObject(any.kvlistValue).values);
  return any.stringValue ?? any.doubleValue ?? any.boolValue ?? any.bytesValue;
}
