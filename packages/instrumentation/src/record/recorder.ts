import { INSTRUMENTATION_SCOPE } from '@costspan/semconv';
import type { Context, Span, SpanContext, SpanKind, Tracer, TracerProvider } from '@opentelemetry/api';
import { guard, reportFailure } from '../diagnostics.js';
import type { OtelApi, OtelDoor } from '../otel-door.js';
import { VERSION } from '../version.js';
import { AttributeList } from './attribute-list.js';
import { addLateAttributes } from './late-attributes.js';
import { OwnSpan, randomId, type SpanEvent, type SpanPlace } from './own-span.js';

export interface SpanStart {
  readonly name: string;
  readonly kind: SpanKind;
  readonly startMs: number;
  /** What a sampler may want to see. Taken over by the span. */
  readonly attributes: AttributeList;
  /** Parent in place of the active span. */
  readonly parent?: SpanContext | undefined;
}

export interface SpanEnd {
  readonly endMs: number;
  /** Set when the operation failed. */
  readonly errorMessage?: string | undefined;
  readonly events?: readonly SpanEvent[] | undefined;
}

/** A span that is going on: the provider's own when it samples it, else ours, so that no cost is sampled away. */
export interface RecordedSpan {
  readonly context: SpanContext;
  /** The provider's span, when there is one: what is active while the request runs. Gone with its end. */
  readonly live: Span | undefined;
  /** Those it started with; what is added until its end is recorded with it. */
  readonly attributes: AttributeList;
  /** Names a span that was started before it was known what it is. */
  rename(name: string): void;
  /** It stands for nothing after all: nobody hears of it. */
  drop(): void;
  /** Once: of a span that has ended only the place is kept, whoever keeps it. */
  end(end: SpanEnd): void;
}

/** Where finished spans of ours go when no provider takes them. */
export interface SpanSink {
  add(span: OwnSpan): void;
  /** What this provider exports does not come to where the sink sends: its spans are added here as well. */
  isMissedBy(provider: TracerProvider): boolean;
}

export interface RecorderOptions {
  readonly otel: OtelDoor;
  readonly sink: SpanSink;
  /** `sampled` leaves out what the trace sampler drops; `all` never does. */
  readonly exportMode: 'all' | 'sampled';
  /** Told of every span that starts. */
  readonly onStart?: () => void;
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
  readonly #options: RecorderOptions;
  readonly #open: OpenSpans = { count: 0 };
  #provider: TracerProvider | undefined;
  #tracerOf: { provider: TracerProvider; tracer: Tracer } | undefined;
  #isMissed = false;

  constructor(options: RecorderOptions) {
    this.#options = options;
  }

  /** A provider given by name (`registerInstrumentations`) instead of the global one. */
  setTracerProvider(provider: TracerProvider | undefined): void {
    this.#provider = provider;
  }

  /** The provider to join, or `undefined` where nobody has registered any. */
  joinedProvider(): TracerProvider | undefined {
    if (this.#provider !== undefined) return this.#provider;
    const registered = this.#options.otel.read()?.trace.getTracerProvider() as
      | (TracerProvider & { getDelegate?: () => TracerProvider })
      | undefined;
    if (registered === undefined) return undefined;
    const delegate = registered.getDelegate?.() ?? registered;
    return delegate.constructor.name === 'NoopTracerProvider' ? undefined : delegate;
  }

  /** Spans that have not ended. */
  get openSpans(): number {
    return this.#open.count;
  }

  start(start: SpanStart): RecordedSpan {
    this.#open.count += 1;
    this.#options.onStart?.();
    const api = this.#readApi();
    const active = api?.context.active();
    const activeSpan = active && validContext(api?.trace.getSpanContext(active));
    const parent = start.parent ?? activeSpan;
    const live = active && this.#startLive(start, { active, activeSpan, parent });
    const liveContext = live === undefined ? undefined : validContext(live.spanContext());
    if (
      live?.isRecording() === true &&
      liveContext !== undefined &&
      (liveContext.traceFlags & SAMPLED) !== 0
    ) {
      return new LiveSpan(live, start, {
        place: { context: liveContext, parent },
        sink: this.#isMissed ? this.#options.sink : undefined,
        onEnd: this.#options.onEnd,
        open: this.#open,
      });
    }
    const own = new OwnSpan(start, { context: liveContext ?? createContext(parent), parent });
    const isDropped = live !== undefined && this.#options.exportMode === 'sampled';
    return new UnsampledSpan(own, live, {
      sink: isDropped ? undefined : this.#options.sink,
      onEnd: this.#options.onEnd,
      open: this.#open,
    });
  }

  /** The context in which the request runs: the call's span active where the provider made one. */
  contextWith(span: RecordedSpan, base: Context): Context {
    return span.live === undefined ? base : this.#options.otel.load().trace.setSpan(base, span.live);
  }

  #readApi(): OtelApi | undefined {
    const { otel } = this.#options;
    return this.#provider === undefined ? otel.read() : otel.load();
  }

  #startLive(start: SpanStart, around: Surroundings): Span | undefined {
    try {
      const provider = this.joinedProvider();
      return provider === undefined ? undefined : this.#startIn(provider, start, around);
    } catch (error) {
      reportFailure('starting a span', error);
      return undefined;
    }
  }

  #startIn(provider: TracerProvider, start: SpanStart, around: Surroundings): Span {
    const { active, activeSpan, parent } = around;
    if (this.#tracerOf?.provider !== provider) {
      this.#tracerOf = { provider, tracer: provider.getTracer(INSTRUMENTATION_SCOPE, VERSION) };
      this.#isMissed = this.#options.sink.isMissedBy(provider);
    }
    const { name, kind, startMs, attributes } = start;
    const isActiveParent = parent === undefined || parent === activeSpan;
    const parentContext = isActiveParent
      ? active
      : this.#options.otel.load().trace.setSpanContext(active, parent);
    return this.#tracerOf.tracer.startSpan(
      name,
      { kind, startTime: startMs, attributes: attributes.toRecord() },
      parentContext,
    );
  }
}

/** What is active where a span starts. */
interface Surroundings {
  readonly active: Context;
  readonly activeSpan: SpanContext | undefined;
  readonly parent: SpanContext | undefined;
}

/** What a span that is going on consists of. */
interface LiveParts {
  readonly span: Span;
  readonly start: SpanStart;
  /** As many of the attributes as the span has been started with. */
  readonly startSize: number;
}

/** Spans of one recorder that have not ended. */
interface OpenSpans {
  count: number;
}

/** Who is told of a span's end. */
interface Ending {
  /** Absent where the provider's own exporters bring it, or its sampler has the last word. */
  readonly sink: SpanSink | undefined;
  readonly onEnd: RecorderOptions['onEnd'];
  readonly open: OpenSpans;
}

interface LiveSpanOptions extends Ending {
  readonly place: SpanPlace;
}

/** A sampled span of the joined provider: its processors and exporters carry it. */
class LiveSpan implements RecordedSpan {
  readonly #options: LiveSpanOptions;
  #parts: LiveParts | undefined;

  constructor(live: Span, start: SpanStart, options: LiveSpanOptions) {
    this.#options = options;
    this.#parts = { span: live, start, startSize: start.attributes.size };
  }

  get context(): SpanContext {
    return this.#options.place.context;
  }

  get live(): Span | undefined {
    return this.#parts?.span;
  }

  get attributes(): AttributeList {
    return this.#parts?.start.attributes ?? new AttributeList();
  }

  rename(name: string): void {
    const parts = this.#parts;
    if (parts === undefined) return;
    this.#parts = { ...parts, start: { ...parts.start, name } };
    guard('naming a span', () => parts.span.updateName(name));
  }

  /** A provider exports what has ended, and nothing else. */
  drop(): void {
    if (this.#parts !== undefined) this.#options.open.count -= 1;
    this.#parts = undefined;
  }

  end(end: SpanEnd): void {
    const parts = this.#parts;
    if (parts === undefined) return;
    this.#parts = undefined;
    try {
      endLive(parts, end);
    } catch (error) {
      reportFailure('ending a span', error);
    }
    const { place, sink, onEnd, open } = this.#options;
    open.count -= 1;
    if (sink === undefined && onEnd === undefined) return;
    const twin = new OwnSpan(parts.start, place);
    finish(twin, end);
    sink?.add(twin);
    onEnd?.(twin);
  }
}

function endLive({ span, start, startSize }: LiveParts, { endMs, errorMessage, events }: SpanEnd): void {
  for (const event of events ?? []) span.addEvent(event.name, event.attributes.toRecord(), event.timeMs);
  addLateAttributes(span, start.attributes, startSize);
  if (errorMessage !== undefined) span.setStatus({ code: STATUS_ERROR, message: errorMessage });
  span.end(endMs);
}

/** A span that no provider exports: it goes to the cost pipeline. */
class UnsampledSpan implements RecordedSpan {
  readonly context: SpanContext;
  readonly #to: Ending;
  #own: OwnSpan | undefined;
  #live: Span | undefined;

  constructor(own: OwnSpan, live: Span | undefined, to: Ending) {
    this.context = own.context;
    this.#own = own;
    this.#live = live;
    this.#to = to;
  }

  get live(): Span | undefined {
    return this.#live;
  }

  get attributes(): AttributeList {
    return this.#own?.attributes ?? new AttributeList();
  }

  rename(name: string): void {
    if (this.#own !== undefined) this.#own.name = name;
    guard('naming a span', () => this.#live?.updateName(name));
  }

  drop(): void {
    if (this.#own !== undefined) this.#to.open.count -= 1;
    this.#own = undefined;
    this.#live = undefined;
  }

  end(end: SpanEnd): void {
    const own = this.#own;
    const live = this.#live;
    if (own === undefined) return;
    this.#own = undefined;
    this.#live = undefined;
    // A span that records without being sampled must still be told its end.
    if (live !== undefined) guard('ending a span', () => live.end(end.endMs));
    finish(own, end);
    this.#to.open.count -= 1;
    this.#to.sink?.add(own);
    this.#to.onEnd?.(own);
  }
}

function finish(span: OwnSpan, { endMs, errorMessage, events }: SpanEnd): void {
  span.endMs = endMs;
  span.events = events;
  if (errorMessage !== undefined) span.status = { code: STATUS_ERROR, message: errorMessage };
}

const createContext = (parent: SpanContext | undefined): SpanContext => ({
  traceId: parent?.traceId ?? randomId(16),
  spanId: randomId(8),
  traceFlags: SAMPLED,
});

const validContext = (context: SpanContext | undefined): SpanContext | undefined =>
  context === undefined || context.traceId === INVALID_TRACE_ID ? undefined : context;
