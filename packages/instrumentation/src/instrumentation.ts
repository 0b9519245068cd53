import type { MeterProvider, TracerProvider } from '@opentelemetry/api';
import { type ApiDoor, openApiDoor } from './api-door.js';
import { FUNCTION_RUNTIMES, isFunctionRuntime } from './attribution/functions/function-runtime.js';
import { followRequests, runPart, tellRoute } from './attribution/http-server.js';
import type { Attributor } from './attribution/index.js';
import { isRouter, ROUTERS } from './attribution/routers/index.js';
import { isWorker, WORKERS } from './attribution/workers/index.js';
import type { PatchedClass } from './call/wrap.js';
import { guard, reportFailure, warnOperator } from './diagnostics.js';
import { FRAMEWORKS } from './frameworks/index.js';
import { requireLazily } from './lazy.js';
import { type LoadedClass, readUnwatchedRuntime, watchModules } from './load/modules.js';
import { watchRequests } from './net/watch.js';
import { PROVIDERS } from './providers/index.js';
import { type Collector, collectFromThreads } from './record/threads.js';
import type { Runtime } from './runtime.js';
import type { Settings } from './settings.js';
import { isConfigured } from './settings-switch.js';
// Before the application can put others in their place.
import './timers.js';
import { VERSION } from './version.js';

/** What `registerInstrumentations` may set on an instrumentation; costspan is configured by environment and file. */
export interface CostspanInstrumentationConfig {
  readonly enabled?: boolean;
}

/**
 * An OpenTelemetry `Instrumentation` for `registerInstrumentations`, and what the preload starts: it records every
 * call of the LLM SDKs it knows, in `require` and `import`, as a span with tokens, cost, feature and task.
 *
 * @example
 * import { registerInstrumentations } from '@opentelemetry/instrumentation';
 * import { CostspanInstrumentation } from '@costspan/instrumentation';
 * registerInstrumentations({ instrumentations: [new CostspanInstrumentation()] });
 */
export class CostspanInstrumentation {
  readonly instrumentationName = '@costspan/instrumentation';
  readonly instrumentationVersion: string = VERSION;
  #config: CostspanInstrumentationConfig;
  #provider: TracerProvider | undefined;
  #runtime: Runtime | undefined;
  #attributor: Attributor | undefined;
  #settings: Settings | undefined;
  #apiDoor: ApiDoor | undefined;
  /** For the spans of worker threads; the main thread may have no SDK of its own. */
  readonly #collector: Collector = {
    collect: (handed) => this.#startRuntime()?.collect(handed),
    finish: () => this.#runtime?.flushBeforeExit(),
  };
  readonly #stops: ((() => void) | undefined)[] = [];

  constructor(config: CostspanInstrumentationConfig = {}) {
    this.#config = config;
    if (config.enabled !== false) this.enable();
  }

  /**
   * Starts watching for SDKs, requests and the first use of `@costspan/api`, and loads the rest when one of them comes:
   * a process without any of them pays for the watch alone.
   */
  enable(): void {
    if (this.#stops.length > 0) return;
    const unwatched = readUnwatchedRuntime();
    if (unwatched !== undefined) {
      warnOperator(
        'COSTSPAN_NODE_VERSION',
        `costspan records nothing on ${unwatched}. Fix: use Node 22.15 or newer.`,
      );
      return;
    }
    const onError = (error: unknown) => reportFailure('following requests', error);
    this.#stops.push(
      guard('watching for SDKs', () =>
        watchModules([...PROVIDERS, ...FRAMEWORKS, ...ROUTERS, ...WORKERS, ...FUNCTION_RUNTIMES], (loaded) =>
          this.#patch(loaded),
        ),
      ),
      guard('following requests', () => followRequests(onError)),
      guard('watching for requests', () => watchRequests(() => this.#startRuntime()?.starter)),
    );
    guard('collecting from threads', () => collectFromThreads(this.#collector));
    this.#apiDoor = guard('waiting for scopes', () => openApiDoor(() => this.#startAttribution()));
    // What is wrong is told at the start of the process, in whatever thread its SDKs are loaded later.
    if (isConfigured(process.env)) guard('reading the configuration', () => this.#readSettings());
    if (this.#runtime !== undefined) this.#startAttribution();
    this.#runtime?.setEnabled(true);
  }

  /** Stops watching; patched clients pass their calls through untouched. */
  disable(): void {
    for (const stop of this.#stops.splice(0)) stop?.();
    this.#apiDoor?.close();
    this.#attributor?.stop();
    this.#attributor = undefined;
    this.#runtime?.setEnabled(false);
  }

  /** Spans go to this provider instead of the registered one. */
  setTracerProvider(provider: TracerProvider): void {
    this.#provider = provider;
    this.#runtime?.setTracerProvider(provider);
  }

  /** costspan's metrics are derived from its spans; there is nothing to set. */
  setMeterProvider(_provider: MeterProvider): void {}

  getConfig(): CostspanInstrumentationConfig {
    return this.#config;
  }

  setConfig(config: CostspanInstrumentationConfig): void {
    this.#config = config;
  }

  #patch({ entry, ...part }: LoadedClass): void {
    if (isRouter(entry)) {
      const { observeRouter } = requireLazily(
        './attribution/routers/observe.js',
      ) as typeof import('./attribution/routers/observe.js');
      observeRouter(part, entry, { tell: tellRoute, runPart });
    } else if (isWorker(entry)) {
      const { observeWorker } = requireLazily(
        './attribution/workers/observe.js',
      ) as typeof import('./attribution/workers/observe.js');
      observeWorker(part, entry);
    } else if (isFunctionRuntime(entry)) {
      const { observeFunctions } = requireLazily(
        './attribution/functions/observe.js',
      ) as typeof import('./attribution/functions/observe.js');
      observeFunctions(part.loadedClass as PatchedClass, entry, {
        isUnsent: () => this.#runtime?.isUnsent === true,
        flush: async (timeoutMs) => this.#runtime?.forceFlush(timeoutMs),
        giveUp: () => this.#runtime?.giveUp(),
      });
    } else this.#startRuntime()?.patch({ ...part, entry });
  }

  /** Attributes calls and runs scopes, from the first SDK or the first scope on. */
  #startAttribution(): Attributor {
    if (this.#attributor !== undefined) return this.#attributor;
    this.#apiDoor?.close();
    const { startAttribution } = requireLazily(
      './attribution/index.js',
    ) as typeof import('./attribution/index.js');
    this.#attributor = startAttribution({
      config: this.#readSettings().config,
      env: process.env,
      recorder: {
        startTask: (start) => {
          const runtime = this.#startRuntime();
          if (runtime === undefined) throw new Error('costspan has not started');
          return runtime.startTask(start);
        },
      },
      loadOtel: () => requireLazily('@opentelemetry/api') as typeof import('@opentelemetry/api'),
      onError: (error) => reportFailure('attributing a call', error),
      flush: async (timeoutMs) => this.#runtime?.forceFlush(timeoutMs),
    });
    return this.#attributor;
  }

  #readSettings(): Settings {
    const { readSettings } = requireLazily('./settings.js') as typeof import('./settings.js');
    this.#settings ??= readSettings(process.env);
    return this.#settings;
  }

  /** The rest of costspan, loaded with the first SDK or the first task. */
  #startRuntime(): Runtime | undefined {
    if (this.#runtime !== undefined) return this.#runtime;
    try {
      const { Runtime } = requireLazily('./runtime.js') as typeof import('./runtime.js');
      this.#startAttribution();
      const readAttributor = (): Attributor | undefined => this.#attributor;
      this.#runtime = new Runtime({ settings: this.#readSettings(), readAttributor, env: process.env });
      if (this.#provider !== undefined) this.#runtime.setTracerProvider(this.#provider);
    } catch (error) {
      reportFailure('starting', error);
    }
    return this.#runtime;
  }
}
