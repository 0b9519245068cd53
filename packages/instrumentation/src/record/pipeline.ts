import { setTimeout as sleep } from 'node:timers/promises';
import { INSTRUMENTATION_SCOPE } from '@costspan/semconv';
import type { TracerProvider } from '@opentelemetry/api';
import type { ReadableSpan } from '@opentelemetry/sdk-trace';
import { reportFailure, warnOperator } from '../diagnostics.js';
import { VERSION } from '../version.js';
import {
  isExportEnabled,
  isGrpcAsked,
  isTargetConfigured,
  type OtlpTarget,
  readCount,
  readOtlpTarget,
} from './endpoint.js';
import { createEnvSampler, type Sampleable } from './env-sampler.js';
import { postBeforeExit } from './exit-post.js';
import { encodeSpans } from './otlp-json.js';
import { OtlpPost } from './otlp-post.js';
import { type OwnSpan, toReadableSpan } from './own-span.js';
import type { SpanSink } from './recorder.js';
import { readEnvResource } from './resource.js';

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
  readonly #maxBatch: number;
  readonly #delayMs: number;
  readonly #isEnabled: boolean;
  readonly #target: OtlpTarget;
  /** Read once: every look at an environment variable leaves JavaScript. */
  readonly #isTargetConfigured: boolean;
  readonly #post: OtlpPost;
  #queue: OwnSpan[] = [];
  #timer: NodeJS.Timeout | undefined;
  #envResource: Readonly<Record<string, unknown>> | undefined;
  #isSampled: ((span: Sampleable) => boolean) | undefined;
  /** Sent, but not answered yet. */
  #inFlight: OwnSpan[] = [];

  constructor(options: PipelineOptions) {
    const { env } = options;
    this.#options = options;
    this.#maxQueue = readCount(env, 'OTEL_BSP_MAX_QUEUE_SIZE', 8_192);
    this.#maxBatch = readCount(env, 'OTEL_BSP_MAX_EXPORT_BATCH_SIZE', 512);
    this.#delayMs = readCount(env, 'OTEL_BSP_SCHEDULE_DELAY', 1_000);
    this.#isEnabled = isExportEnabled(env);
    this.#target = readOtlpTarget(env);
    this.#isTargetConfigured = isTargetConfigured(env);
    this.#post = new OtlpPost(this.#target);
  }

  add(span: OwnSpan): void {
    // At once, as its own span would be, so that the application's flush and shutdown find it.
    if (!this.#isEnabled || this.#handToProvider([span])) return;
    if (this.#queue.length >= this.#maxQueue) {
      reportFailure(
        'queueing a span',
        new Error(`the queue holds OTEL_BSP_MAX_QUEUE_SIZE=${this.#maxQueue} spans`),
      );
      return;
    }
    this.#queue.push(span);
    this.#schedule();
  }

  /** Posts what has not arrived while the process ends; returns within the time limit of an exit. */
  flushBeforeExit(): void {
    try {
      const spans = [...this.#inFlight, ...this.#takeSampled(this.#queue.length)];
      this.#inFlight = [];
      if (spans.length === 0 || this.#handToProvider(spans)) return;
      const bodies: Uint8Array[] = [];
      for (let at = 0; at < spans.length; at += this.#maxBatch) {
        bodies.push(this.#encode(spans.slice(at, at + this.#maxBatch)));
      }
      postBeforeExit(this.#target, bodies);
    } catch (error) {
      reportFailure('exporting at exit', error);
    }
  }

  #schedule(): void {
    if (this.#timer !== undefined || this.#inFlight.length > 0) return;
    const isFull = this.#queue.length >= this.#maxBatch;
    this.#timer = setTimeout(
      () => {
        this.#timer = undefined;
        void this.#exportBatch();
      },
      isFull ? 0 : this.#delayMs,
    );
    this.#timer.unref();
  }

  async #exportBatch(): Promise<void> {
    try {
      this.#inFlight = this.#takeSampled(this.#maxBatch);
      if (this.#inFlight.length > 0 && !this.#handToProvider(this.#inFlight)) {
        await this.#send(this.#encode(this.#inFlight));
      }
    } catch (error) {
      reportFailure('exporting spans', error);
    }
    this.#inFlight = [];
    if (this.#queue.length > 0) this.#schedule();
  }

  /** The next spans of the queue, less those that the environment's sampler leaves out. */
  #takeSampled(count: number): OwnSpan[] {
    const spans = this.#queue.splice(0, count);
    if (this.#options.exportMode === 'all') return spans;
    this.#isSampled ??= createEnvSampler(this.#options.env);
    return spans.filter(this.#isSampled);
  }

  async #send(body: Uint8Array): Promise<void> {
    if (isGrpcAsked(this.#options.env)) {
      warnOperator(
        'COSTSPAN_OTLP_PROTOCOL',
        `costspan sends OTLP as http/json to ${this.#target.url}, and the environment asks for grpc. ` +
          'Fix: set OTEL_EXPORTER_OTLP_TRACES_ENDPOINT to an OTLP/HTTP address, port 4318 by default.',
      );
    }
    const deadlineMs = Date.now() + RETRY_FOR_MS;
    for (let backoffMs = FIRST_BACKOFF_MS; ; backoffMs = Math.min(backoffMs * 2, MAX_BACKOFF_MS)) {
      const result = await this.#post.send(body);
      if (result.kind === 'sent') return;
      reportFailure('exporting spans', result.error);
      const waitMs = (result.kind === 'retry' ? result.afterMs : undefined) ?? backoffMs;
      if (result.kind === 'refused' || Date.now() + waitMs > deadlineMs) return;
      // A receiver that asks for no pause at all gets a short one.
      await sleep(Math.max(waitMs, this.#delayMs), undefined, { ref: false });
    }
  }

  /**
   * Where the operator named no endpoint but the application has a provider, what its sampler dropped goes through
   * its own span processors: they know where to send.
   */
  #handToProvider(spans: OwnSpan[]): boolean {
    if (this.#isTargetConfigured) return false;
    const provider = this.#options.joinedProvider();
    const parts = provider as ProviderParts | undefined;
    const processor = parts?._activeSpanProcessor ?? parts?.activeSpanProcessor;
    if (processor === undefined) return false;
    const origin = { resource: readJoinedResource(provider) as Resource, instrumentationScope: SCOPE };
    for (const span of spans) processor.onEnd(toReadableSpan(span, origin));
    return true;
  }

  #encode(spans: OwnSpan[]): Uint8Array {
    return encodeSpans(spans, this.readResource());
  }

  /** Attributes of the joined provider's resource, so that a service has one name; else of the standard variables'. */
  readResource(): Readonly<Record<string, unknown>> {
    const joined = readJoinedResource(this.#options.joinedProvider());
    if (joined !== undefined) return joined.attributes;
    this.#envResource ??= readEnvResource(this.#options.env);
    return this.#envResource;
  }
}

function readJoinedResource(provider: TracerProvider | undefined): Resource | undefined {
  const parts = provider as ProviderParts | undefined;
  return parts?._resource ?? parts?.resource;
}
