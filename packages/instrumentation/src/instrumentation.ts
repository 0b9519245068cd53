import type { MeterProvider, TracerProvider } from '@opentelemetry/api';
import { type Attributor, startAttribution } from './attribution/index.js';
import { guard, reportFailure } from './diagnostics.js';
import { requireLazily } from './lazy.js';
import { type LoadedClient, watchModules } from './load/modules.js';
import { PROVIDERS } from './providers/index.js';
import type { Runtime } from './runtime.js';
import { readSettings, type Settings } from './settings.js';
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
  readonly #settings: Settings = readSettings(process.env);
  #stop: (() => void) | undefined;

  constructor(config: CostspanInstrumentationConfig = {}) {
    this.#config = config;
    if (config.enabled !== false) this.enable();
  }

  /** Starts watching for SDKs; calls of SDKs that were patched before are recorded again. */
  enable(): void {
    if (this.#stop !== undefined) return;
    this.#stop = guard('watching for SDKs', () => watchModules(PROVIDERS, (loaded) => this.#patch(loaded)));
    this.#runtime?.setEnabled(true);
    guard('following requests', () => this.#startAttribution());
  }

  /** Stops watching; patched clients pass their calls through untouched. */
  disable(): void {
    this.#stop?.();
    this.#stop = undefined;
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

  #patch({ provider, clientClass }: LoadedClient): void {
    this.#startRuntime()?.patch(clientClass, provider);
  }

  /** Follows scopes and server requests from the start: a call's SDK may be loaded in the middle of them. */
  #startAttribution(): Attributor {
    this.#attributor ??= startAttribution({
      config: this.#settings.config,
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
    });
    return this.#attributor;
  }

  /** The rest of costspan, loaded with the first SDK or the first task. */
  #startRuntime(): Runtime | undefined {
    if (this.#runtime !== undefined) return this.#runtime;
    try {
      const { Runtime } = requireLazily('./runtime.js') as typeof import('./runtime.js');
      const readAttributor = (): Attributor | undefined => this.#attributor;
      this.#runtime = new Runtime({ settings: this.#settings, readAttributor, env: process.env });
      if (this.#provider !== undefined) this.#runtime.setTracerProvider(this.#provider);
    } catch (error) {
      reportFailure('starting', error);
    }
    return this.#runtime;
  }
}
