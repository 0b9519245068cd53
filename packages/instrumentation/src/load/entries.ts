import type { FunctionRuntime } from '../attribution/functions/function-runtime.js';
import type { Router } from '../attribution/routers/router.js';
import type { Worker } from '../attribution/workers/worker.js';
import type { FrameworkEntry } from '../framework.js';
import type { ModuleGate } from '../module-gate.js';
import type { Provider } from '../provider.js';

/** An SDK as the loader knows it: its gate at once, the rest of it when the application loads the SDK. */
export interface ProviderEntry {
  readonly module: ModuleGate;
  load(): Provider;
}

/** What is recorded. */
export type SdkEntry = ProviderEntry | FrameworkEntry;
/** Whatever the loader looks for. */
export type WatchedEntry = SdkEntry | Router | Worker | FunctionRuntime;
