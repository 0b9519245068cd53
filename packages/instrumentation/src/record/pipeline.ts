import { INSTRUMENTATION_SCOPE } from '@costspan/semconv';
import type { TracerProvider } from '@opentelemetry/api';
import type { ReadableSpan } from '@opentelemetry/sdk-trace';
import { CHANNEL } from '../channels.js';
import { reportFailure } from '../diagnostics.js';
import { requireLazily } from '../lazy.js';
import { clearTimeout, queueMicrotask, readNowMs, setTimeout } from '../timers.js';
import { VERSION } from '../version.js';
import { isTargetConfigured, type OtlpTarget, readOtlpTarget } from './endpoint.js';
import { createEnvSampler, type Sampleable } from './env-sampler.js';
import { type Exporters, readCount, readExporters, warnOfEnvironment } from './environment.js';
import type { Unsent } from './exit-post.js';
import { OtlpPost } from './otlp-post.js';
import { type OwnSpan, toReadableSpan } from './own-span.js';
import type { SpanSink } from './recorder.js';
import { readEnvResource } from './resource.js';
import { type Body, SpanQueue } from './span-queue.js';
import type { HandOver } from './threads.js';

type Resource = ReadableSpan['resource'];
interface SpanProcessor {
  onEnd(span: ReadableSpan): void;
}
/** What the public tracer provider of the SDKs 1 to 3 carries without naming it in its types. */
interface ProviderParts {
  readonly _activeSpanProcessor?: SpanProcessor;
  readonly activeSpanProcessor?: SpanProcessor;
  readonly _resource?: Resource;
  readonly resource?: Resource;
}

export interface PipelineOptions {
  readonly env: NodeJS.ProcessEnv;
  /** `sampled`: where no provider decides, the sampler of the environment does. */
  readonly exportMode: 'all' | 'sampled';
  /** The provider that the application has registered, when there is one. */
  readonly joinedProvider: () => TracerProvider | undefined;
  /** In a worker thread: to the main thread, which sends. */
  readonly handOver?: HandOver | undefined;
}

const SCOPE = { name: INSTRUMENTATION_SCOPE, version: VERSION };
/** A receiver that is down may come back: a batch is tried for as long as a Collector's own queue would. */
const RETRY_FOR_MS = 300_000;
const FIRST_BACKOFF_MS = 1_000;
const MAX_BACKOFF_MS = 30_000;

/**
 * The way of spans that no tracer provider exports: a bounded queue, batches on an unreferenced timer, one post at a
 * time, retried while the receiver is down. Nothing of it is loaded inside a call, and nothing of it keeps a process
 * alive; what has not arrived when the process ends is posted then.
 */
export class CostPipeline implements SpanSink {
  readonly #options: PipelineOptions;
  readonly #maxQueue: number;
  readonly #delayMs: number;
  readonly #exporters: Exporters;
  readonly #target: OtlpTarget;
  /** Read once: every look at an environment variable leaves JavaScript. */
  readonly #isTargetConfigured: boolean;
  readonly #post: OtlpPost;
  readonly #queue: SpanQueue;
  /** Spans whose receiver is not known yet: until the first export a provider may still be registered. */
  #undecided: OwnSpan[] = [];
  #timer: NodeJS.Timeout | undefined;
  #isTimerShort = false;
  #isHandingOver = false;
  /** What is known of the provider that was asked about last. */
  #reach: { readonly provider: TracerProvider; readonly isMissed: boolean } | undefined;
  #envResource: Readonly<Record<string, unknown>> | undefined;
  #isSampled: ((span: Sampleable) => boolean) | undefined;
  #exporting: Promise<void> | undefined;
  #refusal: Error | undefined;
  /** Sent, but not answered yet. */
  #inFlight: Uint8Array | undefined;

  constructor(options: PipelineOptions) {
    const { env } = options;
    this.#options = options;
    this.#maxQueue = readCount(env, 'OTEL_BSP_MAX_QUEUE_SIZE');
    this.#delayMs = readCount(env, 'OTEL_BSP_SCHEDULE_DELAY');
    this.#exporters = readExporters(env);
    this.#target = readOtlpTarget(env);
    this.#isTargetConfigured = isTargetConfigured(env);
    this.#post = new OtlpPost(this.#target);
    this.#queue = new SpanQueue({
      maxSpans: this.#maxQueue,
      maxBatch: Math.min(readCount(env, 'OTEL_BSP_MAX_EXPORT_BATCH_SIZE'), this.#maxQueue),
      readResource: () => this.readResource(),
    });
    if (options.exportMode === 'sampled') this.#isSampled = createEnvSampler(env);
  }

  add(span: OwnSpan): void {
    const { otlp, console } = this.#exporters;
    if (!(otlp || console) || this.#isDropped(span)) return;
    if (this.#isTargetConfigured) this.#enqueue(span);
    // At once, as its own span would be, so that the application's flush and shutdown find it.
    else if (this.#handToProvider([span])) return;
    else if (this.#undecided.length >= this.#maxQueue) this.#refuse();
    else this.#undecided.push(span);
    this.#schedule();
  }

  /** Takes spans that another thread has handed over. */
  addEncoded(body: Body): void {
    if (!this.#queue.addEncoded(body)) this.#refuse();
    this.#schedule();
  }

  isMissedBy(provider: TracerProvider): boolean {
    if (!this.#exporters.otlp || !this.#isTargetConfigured) return false;
    if (this.#reach?.provider !== provider) {
      const { mayReach } = requireLazily('./record/reach.js') as typeof import('./reach.js');
      this.#reach = { provider, isMissed: !mayReach(provider, this.#target.url) };
      this.#envResource = undefined;
    }
    return this.#reach.isMissed;
  }

  /** Whether there are spans that have not arrived. */
  get hasWaiting(): boolean {
    return this.#inFlight !== undefined || this.#queue.size + this.#undecided.length > 0;
  }

  /** The process has nothing more to do: what waits is sent now, which keeps it alive no longer than the answer takes. */
  flushWhenIdle(): void {
    if (this.#inFlight !== undefined || !this.hasWaiting) return;
    void this.#startExport();
  }

  /** Sends all that waits; what fails for good is told as ever. */
  async forceFlush(): Promise<void> {
    this.#decide();
    this.#handOverAll();
    await this.#exporting;
    // What does not become less does not leave at all: a failure that has been told.
    for (let before = Number.POSITIVE_INFINITY; this.#queue.size > 0 && this.#queue.size < before; ) {
      before = this.#queue.size;
      await (this.#exporting ?? this.#startExport());
    }
  }

  /** Takes out what has not arrived, for the last post of an ending process. */
  takeUnsent(): Unsent {
    const bodies = this.#inFlight === undefined ? [] : [this.#inFlight];
    this.#inFlight = undefined;
    try {
      this.#decide();
      this.#handOverAll();
      for (let body = this.#take(); body !== undefined; body = this.#take()) bodies.push(body);
    } catch (error) {
      reportFailure('exporting at exit', error);
    }
    return { target: this.#target, post: this.#post, bodies: this.#exporters.otlp ? bodies : [] };
  }

  /** A provider has decided before a span comes here. */
  #isDropped(span: OwnSpan): boolean {
    return this.#isSampled?.(span) === false && this.#options.joinedProvider() === undefined;
  }

  #enqueue(span: OwnSpan): void {
    if (!this.#queue.add(span)) this.#refuse();
  }

  /** The next body. What is written to the console is OTLP in JSON, a line for each. */
  #take(): Uint8Array | undefined {
    const body = this.#queue.take()?.bytes;
    if (body !== undefined && this.#exporters.console)
      process.stderr.write(`${Buffer.from(body).toString('utf8')}\n`);
    return body;
  }

  /** While a receiver is down, every call ends here: the error, told once, is made once. */
  #refuse(): void {
    this.#refusal ??= new Error(`the queue holds OTEL_BSP_MAX_QUEUE_SIZE=${this.#maxQueue} spans`);
    reportFailure('queueing a span', this.#refusal);
  }

  /** A worker may be gone at any moment: its spans leave it before it waits for anything. */
  #handOverSoon(): void {
    if (this.#isHandingOver || this.#queue.size === 0) return;
    this.#isHandingOver = true;
    queueMicrotask(() => {
      this.#isHandingOver = false;
      this.#handOverAll();
    });
  }

  #handOverAll(): void {
    const { handOver } = this.#options;
    if (handOver === undefined) return;
    try {
      for (let body = this.#queue.take(); body !== undefined; body = this.#queue.take()) handOver({ body });
    } catch (error) {
      reportFailure('handing spans over to the main thread', error);
    }
  }

  /** A full batch does not wait for the others' timer. */
  #schedule(): void {
    if (this.#options.handOver !== undefined) this.#handOverSoon();
    if (this.#inFlight !== undefined || !this.hasWaiting) return;
    const isShort = this.#queue.isDue;
    if (this.#timer !== undefined && (this.#isTimerShort || !isShort)) return;
    clearTimeout(this.#timer);
    this.#isTimerShort = isShort;
    this.#timer = setTimeout(() => void this.#startExport(), isShort ? 0 : this.#delayMs);
    this.#timer.unref();
  }

  #startExport(): Promise<void> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#exporting = this.#exportBatch().finally(() => {
      this.#exporting = undefined;
    });
    return this.#exporting;
  }

  async #exportBatch(): Promise<void> {
    try {
      this.#decide();
      this.#handOverAll();
      this.#inFlight = this.#take();
      if (this.#inFlight !== undefined && this.#exporters.otlp) await this.#send(this.#inFlight);
    } catch (error) {
      reportFailure('exporting spans', error);
    }
    this.#inFlight = undefined;
    if (this.#queue.size > 0) this.#schedule();
  }

  /** Where the operator named no endpoint, a provider that has come meanwhile knows where to send. */
  #decide(): void {
    const spans = this.#undecided;
    if (spans.length === 0) return;
    this.#undecided = [];
    if (!this.#handToProvider(spans)) for (const span of spans) this.#enqueue(span);
  }

  async #send(body: Uint8Array): Promise<void> {
    warnOfEnvironment(this.#options.env, this.#target);
    const deadlineMs = readNowMs() + RETRY_FOR_MS;
    for (let backoffMs = FIRST_BACKOFF_MS; ; backoffMs = Math.min(backoffMs * 2, MAX_BACKOFF_MS)) {
      const result = await this.#post.send(body);
      tellExport(this.#target.url, result.kind === 'sent' ? undefined : result.error);
      if (result.kind === 'sent') return;
      reportFailure(describeExport(this.#target.url), result.error);
      const waitMs = (result.kind === 'retry' ? result.afterMs : undefined) ?? backoffMs;
      if (result.kind === 'refused' || readNowMs() + waitMs > deadlineMs) return;
      // A receiver that asks for no pause at all gets a short one.
      await sleep(Math.max(waitMs, this.#delayMs));
    }
  }

  /**
   * Where the operator named no endpoint but the application has a provider, what its sampler dropped goes through
   * its own span processors: they know where to send.
   */
  #handToProvider(spans: OwnSpan[]): boolean {
    const provider = this.#options.joinedProvider();
    const parts = provider as ProviderParts | undefined;
    const processor = parts?._activeSpanProcessor ?? parts?.activeSpanProcessor;
    if (processor === undefined) return false;
    const origin = { resource: readJoinedResource(provider) as Resource, instrumentationScope: SCOPE };
    for (const span of spans) processor.onEnd(toReadableSpan(span, origin));
    tellExport("the application's own tracer provider");
    return true;
  }

  /**
   * Attributes of the joined provider's resource, so that a service has one name; else of the standard variables'.
   * Where nothing of the provider's comes to the endpoint, the variables say more of it than the provider.
   */
  readResource(): Readonly<Record<string, unknown>> {
    const provider = this.#options.joinedProvider();
    const joined = readJoinedResource(provider)?.attributes;
    if (provider !== undefined && joined !== undefined && !this.isMissedBy(provider)) return joined;
    this.#envResource ??= readEnvResource(this.#options.env, joined);
    return this.#envResource;
  }
}

/** Keeps no process alive. */
const sleep = (waitMs: number): Promise<void> =>
  new Promise((resolve) => {
    setTimeout(resolve, waitMs).unref();
  });

/** Where to, less what an address may hold of secrets. */
function describeExport(to: string): string {
  const { origin, pathname } = new URL(to);
  return `exporting spans to ${origin}${pathname}`;
}

function tellExport(to: string, error?: Error): void {
  if (CHANNEL.EXPORT.hasSubscribers) CHANNEL.EXPORT.publish({ to, error: error?.message });
}

function readJoinedResource(provider: TracerProvider | undefined): Resource | undefined {
  const parts = provider as ProviderParts | undefined;
  return parts?._resource ?? parts?.resource;
}
