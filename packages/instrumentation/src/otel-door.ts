import { requireLazily } from './lazy.js';

/** The module `@opentelemetry/api`. */
export type OtelApi = typeof import('@opentelemetry/api');

/** What somebody in this process has registered with OpenTelemetry, whoever's copy of the API it was. */
interface OtelRegistry {
  readonly context?: unknown;
  readonly diag?: unknown;
  readonly propagation?: unknown;
}

/** Where every copy of `@opentelemetry/api` 1.x keeps what was registered. */
const REGISTRY = Symbol.for('opentelemetry.js.api.1');

/** What has been registered; `undefined` as long as nobody has registered anything. */
export const readOtelRegistry = (): OtelRegistry | undefined =>
  (globalThis as { [REGISTRY]?: OtelRegistry })[REGISTRY];

/**
 * The way to the application's OpenTelemetry. As long as nobody has registered anything there is no provider to join
 * and no context to read, and the 20 ms that loading the API takes are not spent.
 */
export class OtelDoor {
  #api: OtelApi | undefined;

  /** The API where there is something to be found through it. */
  read(): OtelApi | undefined {
    return this.#api ?? (readOtelRegistry() === undefined ? undefined : this.load());
  }

  /** The API in any case: for a provider that was given to us by name. */
  load(): OtelApi {
    this.#api ??= requireLazily('@opentelemetry/api') as OtelApi;
    return this.#api;
  }
}
