import { INSTRUMENTATION_SCOPE } from '@costspan/semconv';
import type { Context, Span, SpanContext, SpanKind, Tracer, TracerProvider } from '@opentelemetry/api';
import { guard } from '../diagnostics.js';
import { VERSION } from '../version.js';
import type { AttributeList } from './attribute-list.js';
import { OwnSpan, randomId, type SpanEvent } from './own-span.js';

type Api = typeof import('@opentelemetry/api');

export interface SpanStart {
  readonly name: string;
  readonly kind: SpanKind;
  readonly startMs: number;
  /** What a sampler may want to see. */
  readonly attributes: AttributeList;
  /** Parent in place of the active span. */
  readonly parent?: SpanContext | undefined;
}

export interface SpanEnd {
  readonly endMs: number;
  readonly attributes: AttributeList;
  /** Set when the operation failed. */
  readonly errorMessage?: string | undefined;
  readonly events?: readonly SpanEvent[] | undefined;
}

/** A span that is going on: the provider's own when it samples it, else ours, so that no cost is sampled away. */
export interface RecordedSpan {
  readonly context: SpanContext;
  /** The provider's span, when there is one: what is active while the request runs. */
  readonly live: Span | undefined;
  end(end: SpanEnd): void;
}

/** Where finished spans of ours go when no provider takes them. */
export interface SpanSink {
  add(span: OwnSpan): void;
}

export interface RecorderOptions {
  readonly api: Api;
  readonly sink: SpanSink;
  /** `sampled` leaves out what the trace sampler drops; `all` never does. */
  readonly exportMode: 'all' | 'sampled';
  /** Sees every finished span, whichever way it went. */
  readonly onEnd?: (span: OwnSpan) => void;
}

const STATUS_ERROR = 2;
const SAMPLED = 1;
const INVALID_TRACE_ID = '0'.repeat(32);

/**
 * Starts spans in the tracer provider that the application or another preload has registered, looked up at each
 * call since it may come later than we do; it never registers one itself, so it never takes the application's place.
 */
export class SpanRecorder {
  readonly #api: Api;
  readonly #options: RecorderOptions;
  #provider: TracerProvider | undefined;
  #tracerOf: { provider: TracerProvider; tracer: Tracer } | undefined;

  constructor(options: RecorderOptions) {
    this.#api = options.api;
    this.#options = options;
  }

  /** A provider given by name (`registerInstrumentations`) instead of the global one. */
  setTracerProvider(provider: TracerProvider | undefined): void {
    this.#provider = provider;
  }

  /** The provider to join, or `undefined` where nobody has registered any. */
  joinedProvider(): TracerProvider | undefined {
    if (this.#provider !== undefined) return this.#provider;
    const registered = this.#api.trace.getTracerProvider() as TracerProvider & {
      getDelegate?: () => TracerProvider;
    };
    const delegate = registered.getDelegate?.() ?? registered;
    return delegate.constructor.name === 'NoopTracerProvider' ? undefined : delegate;
  }

  start(start: SpanStart): RecordedSpan {
    const { trace, context } = this.#api;
    const active = context.active();
    const parent = start.parent ?? validContext(trace.getSpanContext(active));
    const live = guard('starting a span', () => this.#startLive(start, { active, parent }));
    if (live?.isRecording() === true && (live.spanContext().traceFlags & SAMPLED) !== 0) {
      return new LiveSpan(live, start, this.#options.onEnd);
    }
    const liveContext = validContext(live?.spanContext());
    const own = new OwnSpan({
      ...start,
      parent,
      context: liveContext ?? {
        traceId: parent?.traceId ?? randomId(16),
        spanId: randomId(8),
        traceFlags: 0,
      },
    });
    const isDropped = live !== undefined && this.#options.exportMode === 'sampled';
    return new UnsampledSpan(own, live, {
      sink: isDropped ? undefined : this.#options.sink,
      onEnd: this.#options.onEnd,
    });
  }

  /** The context in which the request runs: the call's span active where the provider made one. */
  contextWith(span: RecordedSpan, base: Context): Context {
    return span.live === undefined ? base : this.#api.trace.setSpan(base, span.live);
  }

  #startLive(
    start: SpanStart,
    { active, parent }: { active: Context; parent: SpanContext | undefined },
  ): Span | undefined {
    const provider = this.joinedProvider();
    if (provider === undefined) return undefined;
    if (this.#tracerOf?.provider !== provider) {
      this.#tracerOf = { provider, tracer: provider.getTracer(INSTRUMENTATION_SCOPE, VERSION) };
    }
    const { name, kind, startMs, attributes } = start;
    const { trace } = this.#api;
    const isActiveParent = parent === undefined || parent === trace.getSpanContext(active);
    const parentContext = isActiveParent ? active : trace.setSpanContext(active, parent);
    return this.#tracerOf.tracer.startSpan(
      name,
      { kind, startTime: startMs, attributes: attributes.toRecord() },
      parentContext,
    );
  }
}

/** A sampled span of the joined provider: its processors and exporters carry it. */
class LiveSpan implements RecordedSpan {
  readonly live: Span;
  readonly #start: SpanStart;
  readonly #onEnd: RecorderOptions['onEnd'];

  constructor(live: Span, start: SpanStart, onEnd: RecorderOptions['onEnd']) {
    this.live = live;
    this.#start = start;
    this.#onEnd = onEnd;
  }

  get context(): SpanContext {
    return this.live.spanContext();
  }

  end({ endMs, attributes, errorMessage, events }: SpanEnd): void {
    guard('ending a span', () => {
      for (const event of events ?? []) {
        this.live.addEvent(event.name, event.attributes.toRecord(), event.timeMs);
      }
      attributes.forEach((name, value) => {
        this.live.setAttribute(name, value);
      });
      if (errorMessage !== undefined) this.live.setStatus({ code: STATUS_ERROR, message: errorMessage });
      this.live.end(endMs);
    });
    if (this.#onEnd === undefined) return;
    const twin = new OwnSpan({ ...this.#start, context: this.context, parent: undefined });
    this.#onEnd(finish(twin, { endMs, attributes, errorMessage, events }));
  }
}

/** A span that no provider exports: it goes to the cost pipeline. */
class UnsampledSpan implements RecordedSpan {
  readonly live: Span | undefined;
  readonly #own: OwnSpan;
  readonly #to: { sink: SpanSink | undefined; onEnd: RecorderOptions['onEnd'] };

  constructor(
    own: OwnSpan,
    live: Span | undefined,
    to: { sink: SpanSink | undefined; onEnd: RecorderOptions['onEnd'] },
  ) {
    this.#own = own;
    this.live = live;
    this.#to = to;
  }

  get context(): SpanContext {
    return this.#own.context;
  }

  end(end: SpanEnd): void {
    // A span that records without being sampled must still be told its end.
    if (this.live !== undefined) guard('ending a span', () => this.live?.end(end.endMs));
    finish(this.#own, end);
    this.#to.sink?.add(this.#own);
    this.#to.onEnd?.(this.#own);
  }
}

function finish(span: OwnSpan, { endMs, attributes, errorMessage, events }: SpanEnd): OwnSpan {
  span.endMs = endMs;
  span.events = events;
  span.attributes.assign(attributes);
  if (errorMessage !== undefined) span.status = { code: STATUS_ERROR, message: errorMessage };
  return span;
}

const validContext = (context: SpanContext | undefined): SpanContext | undefined =>
  context === undefined || context.traceId === INVALID_TRACE_ID ? undefined : context;
