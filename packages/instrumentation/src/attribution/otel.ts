import { ATTR } from '@costspan/semconv';
import type { Context, Span, SpanContext } from '@opentelemetry/api';
import { type OtelApi, readOtelRegistry } from '../otel-door.js';

export type { OtelApi } from '../otel-door.js';

/** Where `@opentelemetry/core` keeps the server span and its route; a context key is a registered symbol. */
const RPC_METADATA_KEY = Symbol.for('OpenTelemetry SDK Context Key RPC_METADATA');

/** The server span that OpenTelemetry's own HTTP instrumentation has started around the code at hand. */
export interface ServerSpan {
  readonly route: string | undefined;
  readonly context: SpanContext | undefined;
}

/**
 * The application's OpenTelemetry, seen without loading it: as long as nobody has registered a context manager there
 * is no active context to read or to change, and the 20 ms that loading the API takes are not spent.
 */
export class ActiveOtel {
  readonly #load: () => OtelApi;
  #api: OtelApi | undefined;

  constructor(load: () => OtelApi) {
    this.#load = load;
  }

  /** The API where there can be an active context. */
  read(): OtelApi | undefined {
    if (readOtelRegistry()?.context === undefined) return undefined;
    this.#api ??= this.#load();
    return this.#api;
  }

  /** The active context. */
  readContext(): Context | undefined {
    return this.read()?.context.active();
  }

  /** The active span. */
  readSpan(context: Context | undefined): Span | undefined {
    return context === undefined ? undefined : this.read()?.trace.getSpan(context);
  }
}

/**
 * Reads what the HTTP instrumentation left in the context for the frameworks above it, and the route that a framework
 * or another instrumentation has written on that span, or on one inside of it.
 */
export function readServerSpan(
  context: Context | undefined,
  activeSpan: Span | undefined,
): ServerSpan | undefined {
  const metadata = context?.getValue(RPC_METADATA_KEY) as
    | { type?: unknown; route?: unknown; span?: Span }
    | undefined;
  const { route, span } = metadata?.type === 'http' ? metadata : {};
  const told = [
    route,
    readSpanAttribute(activeSpan, ATTR.HTTP_ROUTE),
    readSpanAttribute(span, ATTR.HTTP_ROUTE),
  ];
  const known = told.find((text): text is string => typeof text === 'string' && text !== '');
  if (span === undefined && known === undefined) return undefined;
  return { route: known, context: span?.spanContext() };
}

/** A string attribute of a span that records; the API knows no reading, the SDK's spans have `attributes`. */
export function readSpanAttribute(span: Span | undefined, name: string): string | undefined {
  const value = (span as { attributes?: Record<string, unknown> } | undefined)?.attributes?.[name];
  return typeof value === 'string' && value !== '' ? value : undefined;
}
