import { INSTRUMENTATION_SCOPE } from '@costspan/semconv';
import type { TracerProvider } from '@opentelemetry/api';
import type { ReadableSpan, SpanExporter } from '@opentelemetry/sdk-trace';
import { reportFailure } from '../diagnostics.js';
import { requireLazily } from '../lazy.js';
import { VERSION } from '../version.js';
import { isExportEnabled, isTargetConfigured, readCount, readOtlpTarget } from './endpoint.js';
import { postBeforeExit } from './exit-post.js';
import { type OwnSpan, toReadableSpan } from './own-span.js';
import type { SpanSink } from './recorder.js';

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
  /** The provider that the application has registered, when there is one. */
  readonly joinedProvider: () => TracerProvider | undefined;
}

const SCOPE = { name: INSTRUMENTATION_SCOPE, version: VERSION };

/**
 * The way of spans that no tracer provider exports: a bounded queue, batches on an unreferenced timer, OpenTelemetry's
 * OTLP/HTTP exporter, loaded when the first LLM SDK is, never inside a call. What is still queued when the process
 * ends is posted then.
 */
export class CostPipeline implements SpanSink {
  readonly #options: PipelineOptions;
  readonly #maxQueue: number;
  readonly #maxBatch: number;
  readonly #delayMs: number;
  readonly #isEnabled: boolean;
  #queue: OwnSpan[] = [];
  #timer: NodeJS.Timeout | undefined;
  #exporter: SpanExporter | undefined;
  #resource: Resource | undefined;
  #droppedSpans = 0;
  #inFlight: OwnSpan[] = [];

  constructor(options: PipelineOptions) {
    const { env } = options;
    this.#options = options;
    this.#maxQueue = readCount(env, 'OTEL_BSP_MAX_QUEUE_SIZE', 8_192);
    this.#maxBatch = readCount(env, 'OTEL_BSP_MAX_EXPORT_BATCH_SIZE', 512);
    this.#delayMs = readCount(env, 'OTEL_BSP_SCHEDULE_DELAY', 1_000);
    this.#isEnabled = isExportEnabled(env);
  }

  /** Spans lost because the queue was full. */
  get droppedSpans(): number {
    return this.#droppedSpans;
  }

  add(span: OwnSpan): void {
    if (!this.#isEnabled) return;
    if (this.#queue.length >= this.#maxQueue) {
      this.#droppedSpans += 1;
      reportFailure(
        'queueing a span',
        new Error(`the queue holds OTEL_BSP_MAX_QUEUE_SIZE=${this.#maxQueue} spans`),
      );
      return;
    }
    this.#queue.push(span);
    this.#schedule();
  }

  /** Loads the exporter ahead of the first span, in an idle moment that keeps nobody waiting. */
  prepare(): void {
    if (!this.#isEnabled) return;
    setImmediate(() => {
      if (this.#options.joinedProvider() === undefined) this.#load();
    }).unref();
  }

  /** Sends all that is queued; resolves when it has been tried, and never rejects. */
  async flush(): Promise<void> {
    while (this.#queue.length > 0) await this.#exportBatch();
  }

  /** Posts what is queued while the process ends; returns within the time limit of an exit. */
  flushBeforeExit(): void {
    const spans = [...this.#inFlight, ...this.#queue];
    this.#queue = [];
    this.#inFlight = [];
    if (!this.#isEnabled || spans.length === 0 || this.#handToProvider(spans)) return;
    try {
      const { JsonTraceSerializer } = requireLazily(
        '@opentelemetry/otlp-transformer',
      ) as typeof import('@opentelemetry/otlp-transformer');
      const body = JsonTraceSerializer.serializeRequest(this.#toReadable(spans));
      if (body !== undefined) postBeforeExit(readOtlpTarget(this.#options.env), body);
    } catch (error) {
      reportFailure('exporting at exit', error);
    }
  }

  #schedule(): void {
    if (this.#timer !== undefined) return;
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
    const spans = this.#queue.splice(0, this.#maxBatch);
    if (spans.length === 0) return;
    try {
      if (this.#handToProvider(spans)) return;
      const exporter = this.#load();
      if (exporter === undefined) return;
      this.#inFlight = spans;
      await new Promise<void>((resolve) => {
        exporter.export(this.#toReadable(spans), ({ code, error }) => {
          if (code !== 0) reportFailure('exporting spans', error);
          resolve();
        });
      });
    } catch (error) {
      reportFailure('exporting spans', error);
    } finally {
      if (this.#inFlight === spans) this.#inFlight = [];
      if (this.#queue.length > 0) this.#schedule();
    }
  }

  /**
   * Where the operator named no endpoint but the application has a provider, what its sampler dropped goes through
   * its own span processors: they know where to send.
   */
  #handToProvider(spans: OwnSpan[]): boolean {
    if (isTargetConfigured(this.#options.env)) return false;
    const provider = this.#options.joinedProvider() as ProviderParts | undefined;
    const processor = provider?._activeSpanProcessor ?? provider?.activeSpanProcessor;
    if (processor === undefined) return false;
    for (const span of this.#toReadable(spans)) processor.onEnd(span);
    return true;
  }

  #load(): SpanExporter | undefined {
    if (this.#exporter === undefined) {
      try {
        const { OTLPTraceExporter } = requireLazily(
          '@opentelemetry/exporter-trace-otlp-http',
        ) as typeof import('@opentelemetry/exporter-trace-otlp-http');
        // It reads the standard variables by itself.
        this.#exporter = new OTLPTraceExporter();
      } catch (error) {
        reportFailure('loading the exporter', error);
      }
    }
    return this.#exporter;
  }

  #toReadable(spans: OwnSpan[]): ReadableSpan[] {
    const origin = { resource: this.readResource(), instrumentationScope: SCOPE };
    return spans.map((span) => toReadableSpan(span, origin));
  }

  /** The joined provider's resource, so that a service has one name; else the standard variables'. */
  readResource(): Resource {
    const provider = this.#options.joinedProvider() as ProviderParts | undefined;
    const joined = provider?._resource ?? provider?.resource;
    if (joined !== undefined) return joined;
    if (this.#resource === undefined) {
      const { defaultResource, detectResources, envDetector } = requireLazily(
        '@opentelemetry/resources',
      ) as typeof import('@opentelemetry/resources');
      this.#resource = defaultResource().merge(detectResources({ detectors: [envDetector] }));
    }
    return this.#resource;
  }
}
