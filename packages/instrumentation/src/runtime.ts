import { createPricer, type Pricer } from '@costspan/pricing';
import { ATTR } from '@costspan/semconv';
import type { TracerProvider } from '@opentelemetry/api';
import type { Attributor, TaskRecorder, TaskSpan, TaskSpanStart } from './attribution/index.js';
import { giveUpOpenCalls } from './call/call.js';
import { patchClient } from './call/patch.js';
import type { CallStarter } from './call/starter.js';
import type { PatchedClass } from './call/wrap.js';
import { CHANNEL } from './channels.js';
import { guard, warnOperator } from './diagnostics.js';
import { CallEngine } from './engine.js';
import { onProcessEnd, onProcessIdle, warnOfForbiddenThreads } from './exit.js';
import { requireLazily } from './lazy.js';
import type { SdkEntry } from './load/entries.js';
import { isFramework } from './load/gate.js';
import type { LoadedClass } from './load/modules.js';
import type { InProcessMetrics } from './metrics.js';
import { OtelDoor } from './otel-door.js';
import type { EventsProvider, MethodsProvider, Provider, SpanAttributes } from './provider.js';
import { AttributeList } from './record/attribute-list.js';
import type { OwnSpan, SpanEvent } from './record/own-span.js';
import { Pipelines } from './record/pipelines.js';
import { SpanRecorder } from './record/recorder.js';
import { drainThreads, findHandOver, type HandedOver, type HandOver } from './record/threads.js';
import type { Settings } from './settings.js';
import type { StepEngine } from './step-engine.js';
import { clearTimeout, readNowMs, setTimeout } from './timers.js';

export interface RuntimeOptions {
  readonly settings: Settings;
  /** `undefined` while the instrumentation is disabled. */
  readonly readAttributor: () => Attributor | undefined;
  readonly env: NodeJS.ProcessEnv;
}

/** `SpanKind.INTERNAL` of OpenTelemetry's API. */
const INTERNAL = 0;

/** All that works once there is something to record: loaded with the first LLM SDK or the first task. */
export class Runtime implements TaskRecorder {
  readonly #recorder: SpanRecorder;
  readonly #engine: CallEngine;
  readonly #pipelines: Pipelines;
  readonly #onOpened: () => void;
  /** Of a worker thread: to the main thread's runtime. */
  readonly #handOver: HandOver | undefined;
  readonly #createMetrics: () => InProcessMetrics;
  #metrics: InProcessMetrics | undefined;
  readonly #readAttributor: () => Attributor | undefined;
  readonly #otel = new OtelDoor();
  #steps: StepEngine | undefined;
  #isEnabled = true;
  #hasStarted = false;

  constructor({ settings, readAttributor, env }: RuntimeOptions) {
    this.#handOver = findHandOver(env);
    const otel = this.#otel;
    this.#readAttributor = readAttributor;
    // What is there already is loaded now rather than in the first call.
    otel.read();
    const pricer = startPricer(settings);
    this.#pipelines = new Pipelines({
      env,
      exportMode: settings.exportMode,
      joinedProvider: () => this.#recorder.joinedProvider(),
      handOver: this.#handOver,
    });
    this.#createMetrics = () => {
      const { InProcessMetrics } = requireLazily('./metrics.js') as typeof import('./metrics.js');
      const price = pricer.price.bind(pricer);
      return new InProcessMetrics({ config: settings.config, price });
    };
    const onEnd = withSpanChannel(this.#startMetrics(settings));
    this.#onOpened = onProcessEnd({
      finish: (isCrash) => this.#finish(isCrash),
      isNeeded: () => this.#recorder.openSpans > 0 || this.#pipelines.hasWaiting,
    });
    warnOfForbiddenThreads();
    this.#recorder = new SpanRecorder({
      otel,
      onStart: () => {
        this.#hasStarted = true;
        this.#onOpened();
      },
      sink: this.#pipelines.own,
      exportMode: settings.exportMode,
      ...(onEnd === undefined ? {} : { onEnd }),
    });
    this.#engine = new CallEngine({ otel, settings, recorder: this.#recorder, readAttributor, pricer });
    onProcessIdle(() => {
      drainThreads();
      this.#pipelines.flushWhenIdle();
    });
  }

  patch({ entry, ...part }: LoadedClass<SdkEntry>): void {
    if (isFramework(entry)) {
      const { patchFramework } = requireLazily('./call/steps.js') as typeof import('./call/steps.js');
      patchFramework(part, entry.loadFramework(), this.#startSteps());
      return;
    }
    const provider = entry.load();
    const { className, loadedClass } = part;
    if (isMethodsProvider(provider)) {
      const { patchMethods } = requireLazily('./call/methods.js') as typeof import('./call/methods.js');
      patchMethods({ className, patchedClass: loadedClass as PatchedClass }, provider, this.#engine);
    } else if (isEventsProvider(provider)) {
      const { patchEvents } = requireLazily('./call/events.js') as typeof import('./call/events.js');
      patchEvents(loadedClass as PatchedClass, provider, this.#engine);
      this.#engine.heard.add(provider.name);
      this.#engine.hearing.add(provider.client.hears);
    } else patchClient(loadedClass, provider, this.#engine);
  }

  /** Nobody will see the end of the calls and the steps that are open: they are told as they are. */
  giveUp(): void {
    giveUpOpenCalls();
    this.#steps?.giveUp();
  }

  /** The process ends: what is open is told as it is, and sent. */
  #finish(isCrash: boolean): void {
    this.giveUp();
    this.#readAttributor()?.endOpenTasks(isCrash ? { outcome: 'failure', source: 'exception' } : undefined);
    drainThreads();
    this.#pipelines.flushBeforeExit();
  }

  /** Posts what has not arrived, and blocks until it has or time is up. */
  flushBeforeExit(): void {
    this.#pipelines.flushBeforeExit();
  }

  /** Whether a span has begun, or has not arrived, since all was sent the last time. */
  get isUnsent(): boolean {
    return this.#hasStarted || this.#pipelines.hasWaiting;
  }

  /** Sends what has ended, the joined provider's spans too; resolves when that has arrived or time is up. */
  async forceFlush(timeoutMs: number): Promise<void> {
    this.#hasStarted = false;
    drainThreads();
    const provider = this.#recorder.joinedProvider() as { forceFlush?: () => Promise<void> } | undefined;
    let timer: NodeJS.Timeout | undefined;
    const timeout = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, timeoutMs);
    });
    try {
      await Promise.race([Promise.all([this.#pipelines.forceFlush(), provider?.forceFlush?.()]), timeout]);
    } finally {
      clearTimeout(timer);
    }
  }

  /** Takes what a worker thread has handed over. */
  collect({ env, body, metrics }: HandedOver): void {
    if (body !== undefined) {
      this.#pipelines.addEncoded(env, body);
      this.#onOpened();
    }
    if (metrics === undefined) return;
    const served = this.#serveMetrics(metrics.port);
    if (metrics.span !== undefined) served.record(metrics.span);
  }

  /** Who starts calls that no patched class makes. */
  get starter(): CallStarter {
    return this.#engine;
  }

  setEnabled(isEnabled: boolean): void {
    this.#isEnabled = isEnabled;
    this.#engine.isEnabled = isEnabled;
    if (this.#steps !== undefined) this.#steps.isEnabled = isEnabled;
  }

  /** Loaded with the first framework: most applications have none. */
  #startSteps(): StepEngine {
    if (this.#steps !== undefined) return this.#steps;
    const { StepEngine } = requireLazily('./step-engine.js') as typeof import('./step-engine.js');
    this.#steps = new StepEngine({
      otel: this.#otel,
      recorder: this.#recorder,
      readAttributor: this.#readAttributor,
      calls: this.#engine,
    });
    this.#steps.isEnabled = this.#isEnabled;
    return this.#steps;
  }

  setTracerProvider(provider: TracerProvider | undefined): void {
    this.#recorder.setTracerProvider(provider);
  }

  startTask({ name, startMs, attributes, parent }: TaskSpanStart): TaskSpan {
    const span = this.#recorder.start({
      name,
      kind: INTERNAL,
      startMs,
      attributes: AttributeList.from(attributes),
      parent,
    });
    const later: SpanAttributes = {};
    const events: SpanEvent[] = [];
    return {
      spanContext: () => span.context,
      setAttributes: (more) => {
        Object.assign(later, more);
      },
      addEvent: ({ name: eventName, timeMs, attributes: more }) => {
        events.push({ name: eventName, timeMs, attributes: AttributeList.from(more) });
      },
      end: (endMs = readNowMs()) => {
        span.attributes.fill(later);
        const errorType = later[ATTR.ERROR_TYPE];
        span.end({ endMs, events, errorMessage: typeof errorType === 'string' ? errorType : undefined });
      },
    };
  }

  /** A process has one endpoint: a worker thread hands its spans over to the main thread, which counts them all. */
  #startMetrics({ metricsPort: port }: Settings): OnEnd | undefined {
    if (port === undefined) return undefined;
    const { viewSpan } = requireLazily('./metrics.js') as typeof import('./metrics.js');
    const view = (span: OwnSpan) => viewSpan(span, this.#pipelines.own.readResource());
    const handOver = this.#handOver;
    if (handOver === undefined) {
      const metrics = this.#serveMetrics(port);
      return (span) => metrics.record(view(span));
    }
    handOver({ metrics: { port } });
    return (span) => guard('counting a span', () => handOver({ metrics: { port, span: view(span) } }));
  }

  #serveMetrics(port: number): InProcessMetrics {
    if (this.#metrics !== undefined) return this.#metrics;
    this.#metrics = this.#createMetrics();
    this.#metrics.serve(port);
    return this.#metrics;
  }
}

const isMethodsProvider = (provider: Provider): provider is MethodsProvider =>
  provider.client.style === 'methods';

const isEventsProvider = (provider: Provider): provider is EventsProvider =>
  provider.client.style === 'events';

type OnEnd = (span: OwnSpan) => void;

/** Whoever looks on was there before the first SDK, so nobody else's spans pay for it. */
function withSpanChannel(onEnd: OnEnd | undefined): OnEnd | undefined {
  if (!CHANNEL.SPAN.hasSubscribers) return onEnd;
  return (span) => {
    CHANNEL.SPAN.publish({ name: span.name, attributes: span.attributes.toRecord() });
    onEnd?.(span);
  };
}

/** A contract that cannot be priced by is the operator's to mend; list prices hold meanwhile. */
function startPricer({ config }: Settings): Pricer {
  try {
    const { table } = config.prices;
    return createPricer({ contract: config.prices, ...(table === undefined ? {} : { table }) });
  } catch (error) {
    warnOperator('COSTSPAN_CONFIG', `${String(error)}; costspan goes on with list prices.`);
    return createPricer();
  }
}
